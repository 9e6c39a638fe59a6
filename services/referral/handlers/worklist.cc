#include "referral/handlers/worklist.h"

#include <utility>

#include "common/db/request_ledger.h"
#include "common/status/macros.h"
#include "referral/assignment/assigner.h"
#include "referral/convert/fields.h"
#include "referral/convert/referral.h"
#include "referral/convert/worklist.h"
#include "referral/errors.h"
#include "referral/store/referral_audit.h"

namespace veille::referral::handlers {
namespace {

struct Outcome {
  WorklistItem item;
  Referral referral;
};

// Another covering partner, or else the one that has it once more, or else the worklist again.
absl::Status Retry(Assigner& assigner, const RequestContext& context, const Referral& referral,
                   WorklistReason reason) {
  ASSIGN_OR_RETURN(const bool assigned, assigner.AssignNext(CaseOf(referral), Actor::kCoordinator));
  if (assigned) return absl::OkStatus();
  if (referral.open_fence == 0) {
    assigner.worklist().Put(referral.id, WorklistReason::kNoPartner, context.now());
  } else if (!assigner.deliveries().Unpark(referral.id)) {
    // Nothing to push, and nobody else: the case stays before the coordinator.
    assigner.worklist().Put(referral.id, reason, context.now());
  }
  return absl::OkStatus();
}

absl::Status CarryOut(Assigner& assigner, const RequestContext& context, const Referral& referral,
                      const WorklistOrder& order, WorklistReason reason, const Decided& decided) {
  assigner.CarriesOut(decided);
  switch (order.decision) {
    case WorklistDecision::kAssign:
      return assigner.AssignTo(CaseOf(referral), order.partner);
    case WorklistDecision::kRetry:
      return Retry(assigner, context, referral, reason);
    case WorklistDecision::kCancel:
      return assigner.Withdraw(referral.id, decided);
    case WorklistDecision::kSeen:
    case WorklistDecision::kNone:
      return absl::OkStatus();
  }
  return absl::OkStatus();
}

absl::StatusOr<Outcome> Decide(db::WriteTx& tx, const RequestContext& context,
                               const WorklistOrder& order) {
  Assigner assigner(tx, context.seal(), context.landlord(), context.now());
  // The referral first, as every act does; then the item as it stands under that lock.
  ASSIGN_OR_RETURN(const WorklistItem listed, assigner.worklist().Get(order.item));
  assigner.referrals().Lock(listed.referral);
  ASSIGN_OR_RETURN(const WorklistItem item, assigner.worklist().Get(order.item));
  if (item.state == WorklistItemState::kDecided) return errors::WorklistItemDecided();
  if (!order.etag.empty() && order.etag != Etag(item.version)) return errors::EtagMismatch();
  if (!MayDecide(order.decision, item.situation)) {
    return order.decision == WorklistDecision::kSeen ? errors::ReferralUnassigned()
                                                     : errors::IllegalTransition();
  }

  ASSIGN_OR_RETURN(const Referral before, assigner.referrals().Get(item.referral));
  const Decided decided{order.decision, order.note, context.caller().subject};
  if (!assigner.worklist().Decide(item, before.campaign, decided, context.now())) {
    return errors::WorklistItemDecided();
  }
  RETURN_IF_ERROR(CarryOut(assigner, context, before, order, item.reason, decided));
  AppendReferralEvent(tx, context.Audit("referral", before.id.uuid(), kReferralPurpose));

  Outcome outcome;
  ASSIGN_OR_RETURN(outcome.item, assigner.worklist().Get(order.item));
  ASSIGN_OR_RETURN(outcome.referral, assigner.referrals().Get(before.id));
  if (outcome.referral.version != before.version) {
    ASSIGN_OR_RETURN(outcome.referral, assigner.Publish(before.id));
  }
  return outcome;
}

// The answer to a request id that was taken before.
absl::StatusOr<Outcome> Rebuild(db::WriteTx& tx, const RequestContext& context,
                                WorklistItemId decided) {
  Outcome outcome;
  ASSIGN_OR_RETURN(outcome.item,
                   WorklistStore(tx, context.seal(), context.landlord()).Get(decided));
  ASSIGN_OR_RETURN(
      outcome.referral,
      ReferralStore(tx, context.seal(), context.landlord()).Get(outcome.item.referral));
  AppendReferralEvent(tx,
                      context.Audit("referral", outcome.item.referral.uuid(), kReferralPurpose));
  return outcome;
}

}  // namespace

async::Task<absl::StatusOr<pb::ListWorklistResponse>> ListWorklist(
    RequestContext& context, const pb::ListWorklistRequest& request) {
  CO_ASSIGN_OR_RETURN(const WorklistListing listing, FromProto(request));
  auto listed = co_await context.db().Write(
      [&](db::WriteTx& tx) -> absl::StatusOr<std::vector<WorklistItem>> {
        std::vector<WorklistItem> items = WorklistStore(tx, context.seal(), context.landlord())
                                              .List(listing.include_decided, listing.page.urgency,
                                                    listing.page.after, listing.page.size + 1);
        AppendListEvents(tx, context.Audit("worklist", context.landlord().uuid(), kReferralPurpose),
                         items, &WorklistItem::referral, listing.page.size);
        return items;
      });
  CO_ASSIGN_OR_RETURN(std::vector<WorklistItem> items, std::move(listed));
  pb::ListWorklistResponse response;
  if (CutToPage(items, listing.page.size)) {
    response.set_next_page_token(
        WorklistToken(static_cast<int>(items.back().urgency), items.back().id.uuid()));
  }
  for (const WorklistItem& item : items) *response.add_items() = ToProto(item);
  co_return response;
}

async::Task<absl::StatusOr<pb::DecideWorklistItemResponse>> DecideWorklistItem(
    RequestContext& context, const pb::DecideWorklistItemRequest& request) {
  CO_ASSIGN_OR_RETURN(const WorklistOrder order, FromProto(request));
  auto decided = co_await context.db().Write([&](db::WriteTx& tx) -> absl::StatusOr<Outcome> {
    ASSIGN_OR_RETURN(const auto taken,
                     db::TakeRequest(tx, context.landlord(), order.request, "DecideWorklistItem",
                                     order.item.uuid(), /*same_object=*/true));
    if (taken.repeated) return Rebuild(tx, context, order.item);
    return Decide(tx, context, order);
  });
  CO_ASSIGN_OR_RETURN(const Outcome outcome, std::move(decided));
  context.WakeLoops();
  pb::DecideWorklistItemResponse response;
  *response.mutable_item() = ToProto(outcome.item);
  *response.mutable_referral() = ToProtoOfAct(outcome.referral);
  co_return response;
}

}  // namespace veille::referral::handlers
