#include "referral/handlers/referrals.h"

#include <utility>

#include "common/db/request_ledger.h"
#include "common/status/macros.h"
#include "referral/assignment/assigner.h"
#include "referral/convert/referral.h"
#include "referral/domain/written_request.h"
#include "referral/errors.h"
#include "referral/store/case_store.h"
#include "referral/store/objection_store.h"
#include "referral/store/page.h"
#include "referral/store/referral_audit.h"

namespace veille::referral::handlers {
namespace {

Terms TermsOf(const ReferralDraft& draft) {
  return {.place = {.commune = draft.commune, .time_zone = draft.time_zone},
          .need = draft.need,
          .urgency = draft.urgency,
          .deadlines = draft.deadlines.value_or(time::AcknowledgeDeadlines())};
}

// A finding about a subject and need that has an open referral: that one answers it. If it is more
// urgent now, the referral becomes so, by the deadlines that it was created under, and its partner
// is told again.
absl::StatusOr<Referral> Merge(Assigner& assigner, const RequestContext& context,
                               const ReferralDraft& draft, ids::ReferralId twin) {
  assigner.referrals().Merge(draft.finding, twin, context.now());
  ASSIGN_OR_RETURN(const Referral stands, assigner.referrals().GetAlone(twin));
  Terms terms = CaseOf(stands).terms;
  terms.urgency = draft.urgency;
  const absl::Time deadline = AcknowledgeDeadline(terms, context.now());
  if (!assigner.referrals().RaiseUrgency(twin, draft.urgency, deadline, context.now())) {
    return assigner.referrals().Get(twin);
  }
  if (draft.urgency == Urgency::kEmergency) {
    assigner.worklist().Put(twin, WorklistReason::kEmergency, context.now());
  }
  ASSIGN_OR_RETURN(Referral raised, assigner.Publish(twin));
  assigner.TellAgain(raised);
  return raised;
}

// A referral that was just inserted gets its partner or its place on the worklist.
absl::StatusOr<Referral> Begin(Assigner& assigner, const RequestContext& context,
                               const ReferralDraft& draft, ids::ReferralId referral) {
  const Case given{.referral = referral, .terms = TermsOf(draft)};
  if (!assigner.AssignFirst(given)) {
    assigner.worklist().Put(referral, WorklistReason::kNoPartner, context.now());
  }
  if (draft.urgency == Urgency::kEmergency) {
    assigner.worklist().Put(referral, WorklistReason::kEmergency, context.now());
  }
  return assigner.PublishNew(referral);
}

absl::StatusOr<Referral> Create(db::WriteTx& tx, const RequestContext& context,
                                const ReferralDraft& draft) {
  Assigner assigner(tx, context.seal(), context.landlord(), context.now());
  ReferralStore& referrals = assigner.referrals();
  ObjectionStore(tx, context.landlord()).HoldOff(draft.household);
  const auto made = ids::ReferralId::Random();
  const std::optional<ReferralState> stands = referrals.Insert(made, draft, context.now());
  if (stands == ReferralState::kCancelled) return assigner.PublishNew(made);  // they object
  if (stands.has_value()) return Begin(assigner, context, draft, made);

  // The finding is known, or the subject has an open referral with this need.
  if (const auto known = referrals.FindByFinding(draft.finding)) return referrals.Get(*known);
  const auto twin = referrals.FindOpenTwin(draft);
  if (twin.has_value() && referrals.Lock(*twin) && referrals.FindOpenTwin(draft) == twin) {
    return Merge(assigner, context, draft, *twin);
  }
  return errors::Conflict();  // it ended in this very moment
}

}  // namespace

async::Task<absl::StatusOr<pb::CreateReferralResponse>> CreateReferral(
    RequestContext& context, const pb::CreateReferralRequest& request) {
  CO_ASSIGN_OR_RETURN(const ReferralCreation creation, FromProto(request));
  auto created = co_await context.db().Write([&](db::WriteTx& tx) -> absl::StatusOr<Referral> {
    RETURN_IF_ERROR(db::TakeRequest(tx, context.landlord(), creation.request, "CreateReferral",
                                    creation.draft.finding.uuid(), /*same_object=*/true)
                        .status());
    ASSIGN_OR_RETURN(Referral referral, Create(tx, context, creation.draft));
    AppendReferralEvent(tx, context.Audit("referral", referral.id.uuid(), kReferralPurpose));
    return referral;
  });
  CO_ASSIGN_OR_RETURN(const Referral referral, std::move(created));
  context.WakeLoops();
  pb::CreateReferralResponse response;
  response.set_referral_id(referral.id.ToString());
  response.set_version(referral.version);
  response.set_state(static_cast<common::v1::ReferralState>(referral.state));
  if (referral.open_fence > 0) response.set_partner_id(referral.partner.ToString());
  response.set_existing(referral.finding != creation.draft.finding);
  co_return response;
}

async::Task<absl::StatusOr<pb::GetReferralResponse>> GetReferral(
    RequestContext& context, const pb::GetReferralRequest& request) {
  CO_ASSIGN_OR_RETURN(const ids::ReferralId id, FromProto(request));
  auto found =
      co_await context.db().Write([&](db::WriteTx& tx) -> absl::StatusOr<pb::GetReferralResponse> {
        ASSIGN_OR_RETURN(const Referral referral,
                         ReferralStore(tx, context.seal(), context.landlord()).Get(id));
        AppendReferralEvent(tx, context.Audit("referral", id.uuid(), kReferralPurpose));
        pb::GetReferralResponse response;
        *response.mutable_referral() = ToProto(referral);
        if (referral.need != Need::kMunicipalRegister) return response;
        const auto given =
            CaseStore(tx, context.seal(), context.landlord(), referral.partner).Get(id);
        // Before a town hall has it, or unreadable, there is none.
        if (given.ok()) response.set_written_request(WrittenRequest(*given));
        return response;
      });
  co_return found;
}

async::Task<absl::StatusOr<pb::ListReferralsResponse>> ListReferrals(
    RequestContext& context, const pb::ListReferralsRequest& request) {
  CO_ASSIGN_OR_RETURN(const ReferralListing listing, FromProto(request));
  const ReferralFilter filter{listing.campaign, listing.partner, listing.states, listing.communes,
                              listing.urgencies};
  const ids::Uuid before = NewestFirstFrom(listing.page.after);
  auto listed =
      co_await context.db().Write([&](db::WriteTx& tx) -> absl::StatusOr<std::vector<Referral>> {
        std::vector<Referral> referrals = ReferralStore(tx, context.seal(), context.landlord())
                                              .List(filter, before, listing.page.size + 1);
        AppendListEvents(
            tx, context.Audit("referral list", context.landlord().uuid(), kReferralPurpose),
            referrals, &Referral::id, listing.page.size);
        return referrals;
      });
  CO_ASSIGN_OR_RETURN(std::vector<Referral> referrals, std::move(listed));
  pb::ListReferralsResponse response;
  if (CutToPage(referrals, listing.page.size)) {
    response.set_next_page_token(referrals.back().id.ToString());
  }
  for (const Referral& referral : referrals) *response.add_referrals() = ToProto(referral);
  co_return response;
}

}  // namespace veille::referral::handlers
