#include "referral/handlers/answers.h"

#include <algorithm>
#include <utility>

#include "common/db/request_ledger.h"
#include "common/status/macros.h"
#include "referral/assignment/partner_act.h"
#include "referral/convert/partner_answer.h"
#include "referral/convert/referral.h"
#include "referral/errors.h"
#include "referral/store/answer_store.h"
#include "referral/store/referral_audit.h"

namespace veille::referral::handlers {
namespace {

// Nothing moves; while nobody has accepted it, somebody must try again.
absl::Status NoteNotReached(Assigner& assigner, const OwnAssignment& own,
                            const AnswerReport& report) {
  if (own.state != AssignmentState::kOpen) return WhyRefused(assigner, own, report.referral);
  ASSIGN_OR_RETURN(const Referral stands, assigner.referrals().Get(report.referral));
  if (stands.state == ReferralState::kRequested || stands.state == ReferralState::kReceived) {
    assigner.worklist().Put(stands.id, WorklistReason::kTelephonePartner, assigner.now());
  }
  return absl::OkStatus();
}

// As if the partner had said so at its desk.
absl::Status CarryOut(Assigner& assigner, const RequestContext& context, const OwnAssignment& own,
                      const AnswerReport& report, ReferralState to) {
  return Perform(assigner, own,
                 {.referral = report.referral,
                  .fence = report.fence,
                  .to = to,
                  .reason = report.reason,
                  .outcome = report.outcome,
                  .note = report.answer.note,
                  .actor = Actor::kForPartner,
                  .said = report.answer.answer_time,
                  .by = context.caller().subject});
}

absl::StatusOr<Referral> Record(db::WriteTx& tx, const RequestContext& context,
                                AnswerReport report) {
  Assigner assigner(tx, context.seal(), context.landlord(), context.now());
  assigner.referrals().Lock(report.referral);  // first, as every act does
  const auto own = assigner.assignments().Find(report.referral, report.fence);
  if (!own.has_value()) return errors::ReferralNotFound();
  absl::Time& said = report.answer.answer_time;
  // What is said now is after the assignment, also where another clock made that one.
  if (said == context.now()) said = std::max(said, own->assign_time);
  RETURN_IF_ERROR(CheckAnswerTime(said, own->assign_time));

  const std::optional<ReferralState> to = StateAfter(report.answer.kind);
  RETURN_IF_ERROR(to.has_value() ? CarryOut(assigner, context, *own, report, *to)
                                 : NoteNotReached(assigner, *own, report));
  PartnerAnswer answer = report.answer;
  answer.recorded_by = context.caller().subject;
  AnswerStore(tx, context.seal(), context.landlord())
      .Insert(report.referral, report.fence, own->campaign, answer);
  AppendReferralEvent(tx, context.Audit("referral", report.referral.uuid(), kReferralPurpose));
  return to.has_value() ? assigner.Publish(report.referral)
                        : assigner.referrals().Get(report.referral);
}

}  // namespace

async::Task<absl::StatusOr<pb::RecordPartnerAnswerResponse>> RecordPartnerAnswer(
    RequestContext& context, const pb::RecordPartnerAnswerRequest& request) {
  CO_ASSIGN_OR_RETURN(const AnswerReport report, FromProto(request, context.now()));
  auto recorded = co_await context.db().Write([&](db::WriteTx& tx) -> absl::StatusOr<Referral> {
    ASSIGN_OR_RETURN(const auto taken,
                     db::TakeRequest(tx, context.landlord(), report.request, context.method(),
                                     report.referral.uuid(), /*same_object=*/true));
    if (!taken.repeated) return Record(tx, context, report);
    AppendReferralEvent(tx, context.Audit("referral", report.referral.uuid(), kReferralPurpose));
    return ReferralStore(tx, context.seal(), context.landlord()).Get(report.referral);
  });
  CO_ASSIGN_OR_RETURN(const Referral referral, std::move(recorded));
  context.WakeLoops();
  pb::RecordPartnerAnswerResponse response;
  *response.mutable_referral() = ToProtoOfAct(referral);
  co_return response;
}

}  // namespace veille::referral::handlers
