#include "referral/convert/partner_answer.h"

#include <limits>

#include "common/status/macros.h"
#include "referral/convert/fields.h"

namespace veille::referral {
namespace {

namespace common = ::veille::common::v1;

// Between the coordinator's clock, which counts in minutes when it hangs on a wall, and ours.
constexpr absl::Duration kClockSkew = absl::Minutes(5);
constexpr char kAnswerTime[] = "answer_time";

// What one answer alone has.
void ReadParticulars(const pb::RecordPartnerAnswerRequest& request, AnswerReport& report,
                     Violations& violations) {
  if (request.answer() == pb::PARTNER_ANSWER_KIND_DECLINED) {
    report.reason = ReadEnum<DeclineReason>("decline_reason", request.decline_reason(),
                                            common::DeclineReason_IsValid, violations);
  } else if (request.decline_reason() != common::DECLINE_REASON_UNSPECIFIED) {
    violations.Add("decline_reason", "must be absent unless the answer is DECLINED");
  }
  if (request.answer() == pb::PARTNER_ANSWER_KIND_CLOSED) {
    report.outcome = ReadEnum<ReferralOutcome>("outcome", request.outcome(),
                                               common::ReferralOutcome_IsValid, violations);
  } else if (request.outcome() != common::REFERRAL_OUTCOME_UNSPECIFIED) {
    violations.Add("outcome", "must be absent unless the answer is CLOSED");
  }
}

PartnerAnswer ReadAnswer(const pb::RecordPartnerAnswerRequest& request, absl::Time now,
                         Violations& violations) {
  PartnerAnswer answer;
  answer.kind = ReadEnum<PartnerAnswerKind>("answer", request.answer(),
                                            pb::PartnerAnswerKind_IsValid, violations);
  const bool is_reached = request.answer() != pb::PARTNER_ANSWER_KIND_NOT_REACHED;
  answer.answered_by =
      ReadText("answered_by", request.answered_by(), is_reached ? 1 : 0, 200, violations);
  if (!is_reached && !answer.answered_by.empty()) {
    violations.Add("answered_by", "must be empty when nobody was reached");
  }
  answer.record_time = now;
  answer.answer_time = now;
  if (request.has_answer_time()) {
    answer.answer_time = ReadTime(kAnswerTime, true, request.answer_time(), violations);
    if (answer.answer_time > now + kClockSkew) violations.Add(kAnswerTime, "is in the future");
  }
  const bool must_say_more = request.decline_reason() == common::DECLINE_REASON_OTHER ||
                             request.outcome() == common::REFERRAL_OUTCOME_COULD_NOT_HELP;
  answer.note = ReadText("note", request.note(), must_say_more ? 1 : 0, 2000, violations);
  return answer;
}

}  // namespace

absl::StatusOr<AnswerReport> FromProto(const pb::RecordPartnerAnswerRequest& request,
                                       absl::Time now) {
  Violations violations;
  AnswerReport report;
  report.request = ReadRequestId(request.request_id(), violations);
  report.referral = ReadId<ids::ReferralId>("referral_id", request.referral_id(), violations);
  report.fence = ReadNumber("assignment_fence", request.assignment_fence(), 1,
                            std::numeric_limits<int64_t>::max(), violations);
  report.answer = ReadAnswer(request, now, violations);
  ReadParticulars(request, report, violations);
  RETURN_IF_ERROR(violations.ToStatus());
  return report;
}

absl::Status CheckAnswerTime(absl::Time said, absl::Time assigned) {
  Violations violations;
  if (said < assigned - kClockSkew) {
    violations.Add(kAnswerTime, "is before the referral was given to the partner");
  }
  return violations.ToStatus();
}

pb::PartnerAnswer ToProto(const PartnerAnswer& answer) {
  pb::PartnerAnswer proto;
  proto.set_answer(static_cast<pb::PartnerAnswerKind>(answer.kind));
  proto.set_answered_by(answer.answered_by);
  *proto.mutable_answer_time() = ToProto(answer.answer_time);
  proto.set_note(answer.note);
  proto.set_recorded_by(answer.recorded_by);
  *proto.mutable_record_time() = ToProto(answer.record_time);
  return proto;
}

}  // namespace veille::referral
