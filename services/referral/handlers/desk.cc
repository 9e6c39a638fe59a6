#include "referral/handlers/desk.h"

#include <utility>

#include "common/db/request_ledger.h"
#include "common/status/macros.h"
#include "referral/assignment/assigner.h"
#include "referral/errors.h"
#include "referral/store/case_store.h"
#include "referral/store/page.h"

namespace veille::referral::handlers {
namespace {

constexpr char kPurpose[] = "referral to partner";

// Why a guarded change of a partner found nothing to change.
absl::Status WhyRefused(const OwnAssignment& own, ReferralState state) {
  switch (own.state) {
    case AssignmentState::kSuperseded:
      return errors::AssignmentSuperseded();
    case AssignmentState::kDeclined:  // by itself; nobody else has it while it is REJECTED
      return own.is_last && state == ReferralState::kRejected ? errors::IllegalTransition()
                                                              : errors::AssignmentSuperseded();
    case AssignmentState::kOpen:
    case AssignmentState::kCompleted:
      return errors::IllegalTransition();
  }
  return errors::IllegalTransition();
}

// What follows from a change of state that was made.
using Aftermath = absl::Status (*)(Assigner&, const RequestContext&, const DeskAct&,
                                   const OwnAssignment&);

absl::Status AfterAccept(Assigner& assigner, const RequestContext& context, const DeskAct& act,
                         const OwnAssignment&) {
  assigner.assignments().MarkAccepted(act.referral, act.fence, context.now());
  assigner.deliveries().Settle(act.referral, act.fence);
  return absl::OkStatus();
}

absl::Status AfterStart(Assigner&, const RequestContext&, const DeskAct&, const OwnAssignment&) {
  return absl::OkStatus();
}

absl::Status AfterDecline(Assigner& assigner, const RequestContext& context, const DeskAct& act,
                          const OwnAssignment& own) {
  const AssignmentEnd end{AssignmentState::kDeclined, act.reason, act.note};
  assigner.assignments().End(own, act.referral, act.fence, end, context.now());
  assigner.deliveries().Withdraw(act.referral);
  ASSIGN_OR_RETURN(const Referral rejected, assigner.referrals().Get(act.referral));
  ASSIGN_OR_RETURN(const bool assigned,
                   assigner.AssignNext(CaseOf(rejected), Actor::kEngine, context.partner()));
  if (!assigned) assigner.worklist().Put(act.referral, WorklistReason::kDeclined, context.now());
  return absl::OkStatus();
}

absl::Status AfterClose(Assigner& assigner, const RequestContext& context, const DeskAct& act,
                        const OwnAssignment& own) {
  const AssignmentEnd end{AssignmentState::kCompleted, DeclineReason::kNone, act.note};
  assigner.assignments().End(own, act.referral, act.fence, end, context.now());
  assigner.LeaveRoom(context.partner());
  if (LeavesInNeed(act.outcome)) {
    assigner.worklist().Put(act.referral, WorklistReason::kNotHelped, context.now());
  }
  return absl::OkStatus();
}

// One act of a partner: the guarded change of state, what follows from it, the update for
// call-tracking, the trace; and the case as the partner sees it afterwards.
absl::StatusOr<PartnerCase> Perform(db::WriteTx& tx, const RequestContext& context,
                                    const DeskAct& act, ReferralState to, Aftermath after) {
  Assigner assigner(tx, context.seal(), context.landlord(), context.now());
  const auto own = assigner.assignments().FindOwn(context.partner(), act.referral, act.fence);
  if (!own.has_value()) return errors::ReferralNotFound();
  const Move move{.referral = act.referral,
                  .to = to,
                  .actor = Actor::kPartner,
                  .partner = context.partner(),
                  .fence = act.fence,
                  .outcome = act.outcome,
                  .campaign = own->campaign};
  if (!assigner.referrals().Apply(move, context.now())) {
    // Read again: the change may have had to wait for the one that made it impossible.
    const auto now = assigner.assignments().FindOwn(context.partner(), act.referral, act.fence);
    ASSIGN_OR_RETURN(const Referral stands, assigner.referrals().Get(act.referral));
    return WhyRefused(*now, stands.state);
  }
  RETURN_IF_ERROR(after(assigner, context, act, *own));
  RETURN_IF_ERROR(assigner.Publish(act.referral).status());
  privacy::AppendAuditEvent(tx, context.Audit("referral", act.referral.uuid(), kPurpose));
  return CaseStore(tx, context.seal(), context.landlord(), context.partner()).Get(act.referral);
}

// The RPC of an act: each repetition of a request id answers the case as it stands.
template <typename Response, typename Request>
async::Task<absl::StatusOr<Response>> Act(RequestContext& context, const Request& request,
                                          ReferralState to, Aftermath after) {
  CO_ASSIGN_OR_RETURN(const DeskAct act, FromProto(request));
  auto done = co_await context.db().Write([&](db::WriteTx& tx) -> absl::StatusOr<PartnerCase> {
    ASSIGN_OR_RETURN(const auto taken,
                     db::TakeRequest(tx, context.landlord(), act.request, context.method(),
                                     act.referral.uuid(), /*same_object=*/true));
    if (!taken.repeated) return Perform(tx, context, act, to, after);
    privacy::AppendAuditEvent(tx, context.Audit("referral", act.referral.uuid(), kPurpose));
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
        privacy::AppendAuditEvent(
            tx, context.Audit("referral list", context.partner().uuid(), kPurpose));
        return CaseStore(tx, context.seal(), context.landlord(), context.partner())
            .List(listing.states, before, listing.page.size + 1);
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
    privacy::AppendAuditEvent(tx, context.Audit("referral", id.uuid(), kPurpose));
    return own;
  });
  CO_ASSIGN_OR_RETURN(const PartnerCase own, std::move(found));
  partner_pb::GetMyReferralResponse response;
  *response.mutable_partner_case() = ToProto(own);
  co_return response;
}

async::Task<absl::StatusOr<partner_pb::AcceptReferralResponse>> AcceptReferral(
    RequestContext& context, const partner_pb::AcceptReferralRequest& request) {
  return Act<partner_pb::AcceptReferralResponse>(context, request, ReferralState::kAccepted,
                                                 AfterAccept);
}

async::Task<absl::StatusOr<partner_pb::DeclineReferralResponse>> DeclineReferral(
    RequestContext& context, const partner_pb::DeclineReferralRequest& request) {
  return Act<partner_pb::DeclineReferralResponse>(context, request, ReferralState::kRejected,
                                                  AfterDecline);
}

async::Task<absl::StatusOr<partner_pb::StartReferralResponse>> StartReferral(
    RequestContext& context, const partner_pb::StartReferralRequest& request) {
  return Act<partner_pb::StartReferralResponse>(context, request, ReferralState::kInProgress,
                                                AfterStart);
}

async::Task<absl::StatusOr<partner_pb::CloseReferralResponse>> CloseReferral(
    RequestContext& context, const partner_pb::CloseReferralRequest& request) {
  return Act<partner_pb::CloseReferralResponse>(context, request, ReferralState::kCompleted,
                                                AfterClose);
}

}  // namespace veille::referral::handlers
