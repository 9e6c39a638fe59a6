#include "referral/handlers/referral_changes.h"

#include <array>
#include <utility>

#include "common/db/request_ledger.h"
#include "common/status/macros.h"
#include "referral/assignment/assigner.h"
#include "referral/convert/referral.h"
#include "referral/convert/referral_change.h"
#include "referral/errors.h"
#include "referral/store/referral_audit.h"

namespace veille::referral::handlers {
namespace {

constexpr std::array kAboutDelivery = {WorklistReason::kNotDelivered};

// One change in its transaction, with its trace and the update for call-tracking: the referral as
// it stands afterwards, or when the request was taken before. `change` is given the referral,
// locked.
template <typename Change>
absl::StatusOr<Referral> Carry(db::WriteTx& tx, const RequestContext& context,
                               const ReferralOrder& order, const Change& change) {
  ASSIGN_OR_RETURN(const auto taken,
                   db::TakeRequest(tx, context.landlord(), order.request, context.method(),
                                   order.referral.uuid(), /*same_object=*/true));
  Assigner assigner(tx, context.seal(), context.landlord(), context.now());
  assigner.referrals().Lock(order.referral);  // first, as every act does
  ASSIGN_OR_RETURN(const Referral before, assigner.referrals().Get(order.referral));
  AppendReferralEvent(tx, context.Audit("referral", order.referral.uuid(), kReferralPurpose));
  if (taken.repeated) return before;
  RETURN_IF_ERROR(change(assigner, before));
  ASSIGN_OR_RETURN(Referral after, assigner.referrals().Get(order.referral));
  if (after.version == before.version) return after;
  return assigner.Publish(order.referral);
}

template <typename Response>
Response Answered(const RequestContext& context, const Referral& referral) {
  context.WakeLoops();
  Response response;
  *response.mutable_referral() = ToProtoOfAct(referral);
  return response;
}

}  // namespace

async::Task<absl::StatusOr<pb::WithdrawReferralResponse>> WithdrawReferral(
    RequestContext& context, const pb::WithdrawReferralRequest& request) {
  CO_ASSIGN_OR_RETURN(const ReferralWithdrawal withdrawal, FromProto(request));
  auto changed = co_await context.db().Write([&](db::WriteTx& tx) -> absl::StatusOr<Referral> {
    return Carry(tx, context, withdrawal.order,
                 [&](Assigner& assigner, const Referral& before) -> absl::Status {
                   const Decided decided{WorklistDecision::kCancel, /*note=*/"",
                                         context.caller().subject};
                   RETURN_IF_ERROR(assigner.Withdraw(before.id, decided));
                   assigner.referrals().NoteWithdrawal(before, withdrawal.note);
                   return absl::OkStatus();
                 });
  });
  CO_ASSIGN_OR_RETURN(const Referral referral, std::move(changed));
  co_return Answered<pb::WithdrawReferralResponse>(context, referral);
}

async::Task<absl::StatusOr<pb::RerouteReferralResponse>> RerouteReferral(
    RequestContext& context, const pb::RerouteReferralRequest& request) {
  CO_ASSIGN_OR_RETURN(const ReferralRerouting rerouting, FromProto(request));
  auto changed = co_await context.db().Write([&](db::WriteTx& tx) -> absl::StatusOr<Referral> {
    return Carry(tx, context, rerouting.order,
                 [&](Assigner& assigner, const Referral& before) -> absl::Status {
                   const Decided decided{WorklistDecision::kAssign, /*note=*/"",
                                         context.caller().subject};
                   assigner.CarriesOut(decided);
                   if (!MayMove(before.state, ReferralState::kRequested, Actor::kCoordinator)) {
                     return errors::IllegalTransition();
                   }
                   if (rerouting.partner.has_value()) {
                     return assigner.AssignTo(CaseOf(before), *rerouting.partner);
                   }
                   ASSIGN_OR_RETURN(const bool is_given,
                                    assigner.AssignNext(CaseOf(before), Actor::kCoordinator));
                   return is_given ? absl::OkStatus() : errors::NoOtherPartner();
                 });
  });
  CO_ASSIGN_OR_RETURN(const Referral referral, std::move(changed));
  co_return Answered<pb::RerouteReferralResponse>(context, referral);
}

async::Task<absl::StatusOr<pb::RedeliverReferralResponse>> RedeliverReferral(
    RequestContext& context, const pb::RedeliverReferralRequest& request) {
  CO_ASSIGN_OR_RETURN(const ReferralOrder order, FromProto(request));
  auto changed = co_await context.db().Write([&](db::WriteTx& tx) -> absl::StatusOr<Referral> {
    return Carry(
        tx, context, order, [&](Assigner& assigner, const Referral& before) -> absl::Status {
          RETURN_IF_ERROR(assigner.Redeliver(before));
          assigner.worklist().DecideRest(
              before.id, kAboutDelivery,
              {WorklistDecision::kRetry, /*note=*/"", context.caller().subject}, context.now());
          return absl::OkStatus();
        });
  });
  CO_ASSIGN_OR_RETURN(const Referral referral, std::move(changed));
  co_return Answered<pb::RedeliverReferralResponse>(context, referral);
}

}  // namespace veille::referral::handlers
