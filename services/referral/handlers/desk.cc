#include "referral/handlers/desk.h"

#include <utility>

#include "common/db/request_ledger.h"
#include "common/status/macros.h"
#include "referral/assignment/partner_act.h"
#include "referral/errors.h"
#include "referral/store/case_store.h"
#include "referral/store/page.h"
#include "referral/store/referral_audit.h"

namespace veille::referral::handlers {
namespace {

constexpr char kDeskPurpose[] = "referral to partner";

// One act of a partner with what follows from it, the update for call-tracking and the trace; and
// the case as the partner sees it afterwards.
absl::StatusOr<PartnerCase> CarryOut(db::WriteTx& tx, const RequestContext& context,
                                     const DeskAct& act, ReferralState to) {
  Assigner assigner(tx, context.seal(), context.landlord(), context.now());
  const auto own = assigner.assignments().FindOwn(context.partner(), act.referral, act.fence);
  if (!own.has_value()) return errors::ReferralNotFound();
  RETURN_IF_ERROR(Perform(assigner, *own,
                          {.referral = act.referral,
                           .fence = act.fence,
                           .to = to,
                           .reason = act.reason,
                           .outcome = act.outcome,
                           .note = act.note,
                           .actor = Actor::kPartner,
                           .said = context.now(),
                           .by = context.caller().subject}));
  RETURN_IF_ERROR(assigner.Publish(act.referral).status());
  AppendReferralEvent(tx, context.Audit("referral", act.referral.uuid(), kDeskPurpose));
  return CaseStore(tx, context.seal(), context.landlord(), context.partner()).Get(act.referral);
}

// The RPC of an act: each repetition of a request id answers the case as it stands.
template <typename Response, typename Request>
async::Task<absl::StatusOr<Response>> Act(RequestContext& context, const Request& request,
                                          ReferralState to) {
  CO_ASSIGN_OR_RETURN(const DeskAct act, FromProto(request));
  auto done = co_await context.db().Write([&](db::WriteTx& tx) -> absl::StatusOr<PartnerCase> {
    ASSIGN_OR_RETURN(const auto taken,
                     db::TakeRequest(tx, context.landlord(), act.request, context.method(),
                                     act.referral.uuid(), /*same_object=*/true));
    if (!taken.repeated) return CarryOut(tx, context, act, to);
    AppendReferralEvent(tx, context.Audit("referral", act.referral.uuid(), kDeskPurpose));
    return CaseStore(tx, context.seal(), context.landlord(), context.partner()).Get(act.referral);
  });
  CO_ASSIGN_OR_RETURN(const PartnerCase stands, std::move(done));
  context.WakeLoops();
  Response response;
  *response.mutable_partner_case() = ToProto(stands);
  co_return response;
}

}  // namespace

async::Task<absl::StatusOr<partner_pb::ListMyReferralsResponse>> ListMyReferrals(
    RequestContext& context, const partner_pb::ListMyReferralsRequest& request) {
  CO_ASSIGN_OR_RETURN(const CaseListing listing, FromProto(request));
  const ids::Uuid before = NewestFirstFrom(listing.page.after);
  auto listed =
      co_await context.db().Write([&](db::WriteTx& tx) -> absl::StatusOr<std::vector<PartnerCase>> {
        std::vector<PartnerCase> cases =
            CaseStore(tx, context.seal(), context.landlord(), context.partner())
                .List(listing.states, before, listing.page.size + 1);
        AppendListEvents(tx, context.Audit("referral list", context.partner().uuid(), kDeskPurpose),
                         cases, &PartnerCase::id, listing.page.size);
        return cases;
      });
  CO_ASSIGN_OR_RETURN(std::vector<PartnerCase> cases, std::move(listed));
  partner_pb::ListMyReferralsResponse response;
  if (CutToPage(cases, listing.page.size)) {
    response.set_next_page_token(cases.back().assignment.ToString());
  }
  for (const PartnerCase& listed_case : cases) *response.add_cases() = ToProto(listed_case);
  co_return response;
}

async::Task<absl::StatusOr<partner_pb::GetMyReferralResponse>> GetMyReferral(
    RequestContext& context, const partner_pb::GetMyReferralRequest& request) {
  CO_ASSIGN_OR_RETURN(const ids::ReferralId id, FromProto(request));
  auto found = co_await context.db().Write([&](db::WriteTx& tx) -> absl::StatusOr<PartnerCase> {
    CaseStore cases(tx, context.seal(), context.landlord(), context.partner());
    ASSIGN_OR_RETURN(PartnerCase own, cases.Get(id));
    AppendReferralEvent(tx, context.Audit("referral", id.uuid(), kDeskPurpose));
    return own;
  });
  CO_ASSIGN_OR_RETURN(const PartnerCase own, std::move(found));
  partner_pb::GetMyReferralResponse response;
  *response.mutable_partner_case() = ToProto(own);
  co_return response;
}

async::Task<absl::StatusOr<partner_pb::AcceptReferralResponse>> AcceptReferral(
    RequestContext& context, const partner_pb::AcceptReferralRequest& request) {
  return Act<partner_pb::AcceptReferralResponse>(context, request, ReferralState::kAccepted);
}

async::Task<absl::StatusOr<partner_pb::DeclineReferralResponse>> DeclineReferral(
    RequestContext& context, const partner_pb::DeclineReferralRequest& request) {
  return Act<partner_pb::DeclineReferralResponse>(context, request, ReferralState::kRejected);
}

async::Task<absl::StatusOr<partner_pb::StartReferralResponse>> StartReferral(
    RequestContext& context, const partner_pb::StartReferralRequest& request) {
  return Act<partner_pb::StartReferralResponse>(context, request, ReferralState::kInProgress);
}

async::Task<absl::StatusOr<partner_pb::CloseReferralResponse>> CloseReferral(
    RequestContext& context, const partner_pb::CloseReferralRequest& request) {
  return Act<partner_pb::CloseReferralResponse>(context, request, ReferralState::kCompleted);
}

}  // namespace veille::referral::handlers
