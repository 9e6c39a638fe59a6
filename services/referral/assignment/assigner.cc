#include "referral/assignment/assigner.h"

#include <utility>

#include "common/status/macros.h"
#include "referral/convert/referral.h"
#include "referral/errors.h"
#include "referral/store/update_outbox.h"

namespace veille::referral {
namespace {

// Who decided what needed no person.
constexpr char kServiceItself[] = "referral";

absl::Status TakesNoneOfThese() {
  errors::Violations violations;
  violations.Add("partner_id", kOnlyTownHalls);
  return violations.ToStatus();
}

}  // namespace

Case CaseOf(const Referral& referral) {
  return Case{.referral = referral.id,
              .terms = {.place = {.commune = referral.commune, .time_zone = referral.time_zone},
                        .need = referral.need,
                        .urgency = referral.urgency,
                        .deadlines = referral.deadlines.value_or(time::AcknowledgeDeadlines())}};
}

Assigner::Assigner(db::WriteTx& tx, const privacy::Seal& seal, ids::LandlordId landlord,
                   absl::Time now)
    : tx_(tx),
      seal_(seal),
      landlord_(landlord),
      now_(now),
      partners_(tx, landlord),
      referrals_(tx, seal, landlord),
      assignments_(tx, seal, landlord),
      deliveries_(tx, landlord),
      worklist_(tx, seal, landlord) {}

bool Assigner::AssignFirst(const Case& given) {
  for (const ids::PartnerId partner :
       partners_.Rank(given.terms.place.commune, given.terms.need, {})) {
    const auto room = partners_.TakeRoom(partner, /*beyond_capacity=*/false);
    if (!room.has_value()) continue;
    return Give(given, *room, {.from = {ReferralState::kRequested}, .is_first = true});
  }
  return false;
}

absl::StatusOr<bool> Assigner::AssignNext(const Case& given, Actor actor,
                                          std::optional<ids::PartnerId> declined) {
  const std::vector<ids::PartnerId> asked = assignments_.ListAsked(given.referral);
  const std::vector<ids::PartnerId> ranked =
      partners_.Rank(given.terms.place.commune, given.terms.need, asked);
  std::vector<ids::PartnerId> touched = asked;
  touched.insert(touched.end(), ranked.begin(), ranked.end());
  partners_.LockRoom(touched);
  if (declined.has_value()) partners_.LeaveRoom(*declined);
  for (const ids::PartnerId partner : ranked) {
    const auto room = partners_.TakeRoom(partner, /*beyond_capacity=*/false);
    if (!room.has_value()) continue;
    TakeBack(given.referral);
    const Giving giving{.from = SourcesOf(ReferralState::kRequested, actor), .actor = actor};
    if (!Give(given, *room, giving)) return errors::IllegalTransition();
    return true;
  }
  return false;
}

absl::Status Assigner::AssignTo(const Case& given, ids::PartnerId partner) {
  std::vector<ids::PartnerId> touched = assignments_.ListAsked(given.referral);
  touched.push_back(partner);
  partners_.LockRoom(touched);
  const auto room = partners_.TakeRoom(partner, /*beyond_capacity=*/true);
  if (!room.has_value()) return errors::PartnerNotFound();
  if (!Takes(room->kind, given.terms.need)) return TakesNoneOfThese();
  TakeBack(given.referral);
  const bool is_given = Give(given, *room,
                             {.from = SourcesOf(ReferralState::kRequested, Actor::kCoordinator),
                              .actor = Actor::kCoordinator});
  return is_given ? absl::OkStatus() : errors::IllegalTransition();
}

void Assigner::TakeBack(ids::ReferralId referral) {
  const auto had = assignments_.Supersede(referral, now_);
  if (!had.has_value()) return;
  partners_.LeaveRoom(had->partner);
  const bool is_told = deliveries_.TellWithdrawn(referral, had->fence, had->is_received);
  if (!is_told) worklist_.PutUntold(referral, had->fence, now_);
}

absl::Status Assigner::Withdraw(ids::ReferralId referral, const Decided& decided, Actor actor) {
  const Move withdrawal{.referral = referral, .to = ReferralState::kCancelled, .actor = actor};
  if (!referrals_.Apply(withdrawal, now_)) return errors::IllegalTransition();
  TakeBack(referral);
  worklist_.DecideRest(referral, kAllReasons, decided, now_);
  return absl::OkStatus();
}

absl::Status Assigner::WithdrawObjected(const std::vector<ids::ReferralId>& open) {
  std::vector<ids::PartnerId> touched;
  for (const ids::ReferralId referral : open) {
    for (const ids::PartnerId asked : assignments_.ListAsked(referral)) touched.push_back(asked);
  }
  partners_.LockRoom(touched);
  const Decided decided{WorklistDecision::kCancel, /*note=*/"", kServiceItself};
  for (const ids::ReferralId referral : open) {
    RETURN_IF_ERROR(Withdraw(referral, decided, Actor::kSubject));
    RETURN_IF_ERROR(Publish(referral).status());
  }
  return absl::OkStatus();
}

bool Assigner::TellAgain(const Referral& referral) {
  if (referral.open_fence == 0) return false;
  if (partners_.IsPushedTo(referral.partner)) return deliveries_.Repeat(referral.id);
  return worklist_.Put(referral.id, WorklistReason::kTelephonePartner, now_);
}

absl::Status Assigner::Redeliver(const Referral& referral) {
  if (referral.open_fence == 0) return errors::ReferralUnassigned();
  if (!partners_.IsPushedTo(referral.partner)) return errors::PartnerNotPushedTo();
  if (!deliveries_.Redeliver(referral.id, referral.open_fence)) {  // it got its endpoint later
    deliveries_.Insert(referral.id, referral.open_fence, referral.partner);
  }
  return absl::OkStatus();
}

bool Assigner::AskSecondContact(const Referral& referral) {
  if (referral.open_fence == 0 || !partners_.HasSecondContact(referral.partner)) return false;
  worklist_.Put(referral.id, WorklistReason::kTelephonePartner, now_);
  return true;
}

bool Assigner::Give(const Case& given, const Room& room, Giving giving) {
  giving.referral = given.referral;
  giving.partner = room.partner;
  giving.acknowledge_deadline = AcknowledgeDeadline(given.terms, now_);
  const std::optional<int64_t> fence = assignments_.Open(giving, now_);
  if (!fence.has_value()) return false;
  if (decided_ != nullptr) {
    worklist_.DecideRest(given.referral, kAboutAssignment, *decided_, now_);
  } else if (!giving.is_first) {
    // Whoever was to be telephoned has it no more.
    worklist_.DecideRest(given.referral, kAboutTelephoning,
                         {WorklistDecision::kSeen, /*note=*/"", kServiceItself}, now_);
  }
  if (room.is_pushed_to) {
    deliveries_.Insert(given.referral, *fence, room.partner);
  } else {
    worklist_.Put(given.referral, WorklistReason::kTelephonePartner, now_);
  }
  return true;
}

absl::StatusOr<Referral> Assigner::PublishNew(ids::ReferralId referral) {
  ASSIGN_OR_RETURN(Referral stands, referrals_.GetAlone(referral));
  const ReferralUpdate update = UpdateOf(stands);
  AppendUpdate(tx_, seal_, landlord_, update, ToPayload(update));
  return stands;
}

absl::StatusOr<Referral> Assigner::Publish(ids::ReferralId referral) {
  ASSIGN_OR_RETURN(Referral stands, referrals_.Get(referral));
  ReferralUpdate update = UpdateOf(stands);
  AppendUpdate(tx_, seal_, landlord_, update, ToPayload(update));
  for (const ids::FindingId merged : referrals_.ListMerged(referral)) {
    update.finding = merged;
    AppendUpdate(tx_, seal_, landlord_, update, ToPayload(update));
  }
  return stands;
}

}  // namespace veille::referral
