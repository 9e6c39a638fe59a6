#include "call_tracking/convert/call_requests.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "call_tracking/domain/household.h"
#include "common/rpc/fields.h"
#include "common/status/macros.h"

namespace veille::call_tracking {
namespace {

namespace common = ::veille::common::v1;
using errors::Violations;

constexpr int kMostAnswers = 500;
constexpr int kMostAgreements = 100;
constexpr int kMostRaised = 50;
constexpr int kMostVerified = 50;
constexpr int64_t kLargestNumber = 1'000'000;
const absl::Duration kLongestCall = absl::Hours(4);
const absl::Duration kClockSkew = absl::Minutes(5);  // between the volunteer's device and us

template <typename Request>
HeldLease ReadLease(const Request& request, Violations& violations) {
  HeldLease held;
  held.campaign = rpc::ReadId<ids::CampaignId>("campaign_id", request.campaign_id(), violations);
  held.lease = rpc::ReadId<ids::LeaseId>("lease_id", request.lease_id(), violations);
  return held;
}

// With what every change of a lease has.
template <typename Request>
HeldLease ReadLeaseChange(const Request& request, Violations& violations) {
  HeldLease held = ReadLease(request, violations);
  held.request = rpc::ReadRequestId(request.request_id(), violations);
  held.fence = rpc::ReadNumber("fence", request.fence(), 1, INT64_MAX, violations);
  return held;
}

Answer ReadAnswer(const std::string& field, const pb::Answer& proto, Violations& violations) {
  Answer answer;
  answer.tenant =
      rpc::ReadId<ids::TenantId>(rpc::In(field, "tenant_id"), proto.tenant_id(), violations);
  answer.question =
      rpc::ReadText(rpc::In(field, "question_id"), proto.question_id(), 1, 64, violations);
  switch (proto.value_case()) {
    case pb::Answer::kBoolean:
      answer.value = proto.boolean();
      break;
    case pb::Answer::kChoiceId:
      answer.value = ChosenChoice{
          rpc::ReadText(rpc::In(field, "choice_id"), proto.choice_id(), 1, 64, violations)};
      break;
    case pb::Answer::kNumber:
      answer.value = rpc::ReadNumber(rpc::In(field, "number"), proto.number(), -kLargestNumber,
                                     kLargestNumber, violations);
      break;
    case pb::Answer::kText:
      answer.value =
          OwnWords{rpc::ReadText(rpc::In(field, "text"), proto.text(), 1, 2000, violations)};
      break;
    case pb::Answer::VALUE_NOT_SET:
      violations.Add(field, "must give an answer");
  }
  return answer;
}

// What goes with an agreement to ask for an entry in the town hall's register, and with no other.
std::optional<RegisterEntry> ReadRegisterEntry(const std::string& field, const pb::Agreement& proto,
                                               absl::Time now, Violations& violations) {
  const std::string place = rpc::In(field, "register_entry");
  const bool is_asked_for = proto.kind() == pb::AGREEMENT_KIND_SHARE_NEED &&
                            proto.need() == common::NEED_MUNICIPAL_REGISTER && proto.agreed();
  if (proto.has_register_entry() != is_asked_for) {
    violations.Add(
        place, is_asked_for ? "is required with NEED_MUNICIPAL_REGISTER: ask on what ground the "
                              "person stands in the register, and note when it did not object"
                            : "is only given with NEED_MUNICIPAL_REGISTER, when the person agreed");
  }
  if (!proto.has_register_entry() || !is_asked_for) return std::nullopt;
  const common::MunicipalRegisterEntry& given = proto.register_entry();
  const std::string time = rpc::In(place, "non_objection_time");
  RegisterEntry entry;
  entry.ground = static_cast<RegisterGround>(rpc::ReadEnum<common::RegisterGround>(
      rpc::In(place, "ground"), given.ground(), common::RegisterGround_IsValid, violations));
  entry.non_objection_time =
      rpc::ReadTime(time, given.has_non_objection_time(), given.non_objection_time(), violations);
  if (!given.has_non_objection_time()) return std::nullopt;
  if (entry.non_objection_time > now + kClockSkew) violations.Add(time, "must not lie ahead");
  return entry;
}

Agreement ReadAgreement(const std::string& field, const pb::Agreement& proto, absl::Time now,
                        Violations& violations) {
  Agreement agreement;
  agreement.tenant =
      rpc::ReadId<ids::TenantId>(rpc::In(field, "tenant_id"), proto.tenant_id(), violations);
  agreement.kind = static_cast<AgreementKind>(rpc::ReadEnum<pb::AgreementKind>(
      rpc::In(field, "kind"), proto.kind(), pb::AgreementKind_IsValid, violations));
  if (proto.kind() == pb::AGREEMENT_KIND_SHARE_NEED) {
    agreement.need = static_cast<Need>(rpc::ReadEnum<common::Need>(
        rpc::In(field, "need"), proto.need(), common::Need_IsValid, violations));
  } else if (proto.need() != 0) {
    violations.Add(rpc::In(field, "need"), "is only given with SHARE_NEED");
  }
  agreement.agreed = proto.agreed();
  agreement.text_version =
      rpc::ReadText(rpc::In(field, "text_version"), proto.text_version(), 1, 64, violations);
  agreement.words = rpc::ReadText(rpc::In(field, "words"), proto.words(), 0, 1000, violations);
  agreement.register_entry = ReadRegisterEntry(field, proto, now, violations);
  return agreement;
}

RaisedFinding ReadRaised(const std::string& field, const pb::RaisedFinding& proto,
                         Violations& violations) {
  RaisedFinding raised;
  raised.tenant =
      rpc::ReadId<ids::TenantId>(rpc::In(field, "tenant_id"), proto.tenant_id(), violations);
  raised.need = static_cast<Need>(rpc::ReadEnum<common::Need>(rpc::In(field, "need"), proto.need(),
                                                              common::Need_IsValid, violations));
  raised.urgency = static_cast<Urgency>(rpc::ReadEnum<common::Urgency>(
      rpc::In(field, "urgency"), proto.urgency(), common::Urgency_IsValid, violations));
  raised.words = rpc::ReadText(rpc::In(field, "words"), proto.words(), 0, 1000, violations);
  return raised;
}

void ReadSaid(const pb::RecordCallRequest& request, absl::Time now, CallRecord& call,
              Violations& violations) {
  rpc::CheckCount("answers", request.answers_size(), 0, kMostAnswers, violations);
  std::set<std::pair<ids::TenantId, std::string>> answered;
  for (int i = 0; i < std::min(request.answers_size(), kMostAnswers); ++i) {
    const std::string place = rpc::At("answers", i);
    call.answers.push_back(ReadAnswer(place, request.answers(i), violations));
    const Answer& answer = call.answers.back();
    if (!answered.insert({answer.tenant, answer.question}).second) {
      violations.Add(place, "answers the same question for the same subject again");
    }
  }
  rpc::CheckCount("agreements", request.agreements_size(), 0, kMostAgreements, violations);
  std::set<std::tuple<ids::TenantId, AgreementKind, Need>> agreed;
  for (int i = 0; i < std::min(request.agreements_size(), kMostAgreements); ++i) {
    const std::string place = rpc::At("agreements", i);
    call.agreements.push_back(ReadAgreement(place, request.agreements(i), now, violations));
    const Agreement& agreement = call.agreements.back();
    if (!agreed.insert({agreement.tenant, agreement.kind, agreement.need}).second) {
      violations.Add(place, "is the second of its kind and need for the same subject");
    }
  }
  rpc::CheckCount("raised_findings", request.raised_findings_size(), 0, kMostRaised, violations);
  std::set<std::pair<ids::TenantId, Need>> raised;
  for (int i = 0; i < std::min(request.raised_findings_size(), kMostRaised); ++i) {
    const std::string place = rpc::At("raised_findings", i);
    call.raised.push_back(ReadRaised(place, request.raised_findings(i), violations));
    if (!raised.insert({call.raised.back().tenant, call.raised.back().need}).second) {
      violations.Add(place, "raises the same need for the same subject again");
    }
  }
}

void ReadVerified(const pb::RecordCallRequest& request, CallRecord& call, Violations& violations) {
  rpc::CheckCount("verified_outcomes", request.verified_outcomes_size(), 0, kMostVerified,
                  violations);
  std::set<ids::ReferralId> verified;
  for (int i = 0; i < std::min(request.verified_outcomes_size(), kMostVerified); ++i) {
    const std::string place = rpc::At("verified_outcomes", i);
    const pb::VerifiedOutcome& proto = request.verified_outcomes(i);
    const auto referral = rpc::ReadId<ids::ReferralId>(rpc::In(place, "referral_id"),
                                                       proto.referral_id(), violations);
    const auto came = static_cast<Verification>(rpc::ReadEnum<pb::Verification>(
        rpc::In(place, "came"), proto.came(), pb::Verification_IsValid, violations));
    if (came == Verification::kOpen) {
      violations.Add(rpc::In(place, "came"), "must be CAME, DID_NOT_COME or UNKNOWN");
    }
    if (!verified.insert(referral).second) {
      violations.Add(place, "is about the same referral again");
    }
    call.verified.push_back({referral, came});
  }
}

// No bound here moves with time but that of what lies ahead: a record that waited in an app without
// a connection is as good as it was.
void ReadTimes(const pb::RecordCallRequest& request, absl::Time now, CallRecord& call,
               Violations& violations) {
  if (request.has_dial_time()) {
    call.dial_time = rpc::ReadTime("dial_time", true, request.dial_time(), violations);
    if (*call.dial_time > now + kClockSkew) violations.Add("dial_time", "must not lie ahead");
  }
  if (request.has_duration()) {
    const auto& duration = request.duration();
    call.duration = absl::Seconds(duration.seconds()) + absl::Nanoseconds(duration.nanos());
    if (duration.nanos() < 0 || duration.nanos() > 999'999'999 ||
        *call.duration < absl::ZeroDuration() || *call.duration > kLongestCall) {
      violations.Add("duration", "must be 0 s to 4 hours");
    }
  }
  const bool appointment = call.disposition == Disposition::kCallbackRequested;
  if (request.has_callback_time() != appointment) {
    violations.Add("callback_time", appointment ? "is required with CALLBACK_REQUESTED"
                                                : "is only given with CALLBACK_REQUESTED");
  } else if (appointment) {
    call.callback_time = rpc::ReadTime("callback_time", true, request.callback_time(), violations);
  }
}

// Whether the value is of the question's type; the choice one of its choices.
struct Fits {
  const Question& question;
  bool operator()(bool) const { return question.type == QuestionType::kBoolean; }
  bool operator()(int64_t) const { return question.type == QuestionType::kNumber; }
  bool operator()(const OwnWords&) const { return question.type == QuestionType::kText; }
  bool operator()(const ChosenChoice& chosen) const {
    return question.type == QuestionType::kChoice &&
           std::any_of(question.choices.begin(), question.choices.end(),
                       [&](const Choice& choice) { return choice.id == chosen.id; });
  }
};

}  // namespace

absl::StatusOr<NextCallRequest> FromProto(const pb::LeaseNextCallRequest& request) {
  Violations violations;
  NextCallRequest next;
  next.request = rpc::ReadRequestId(request.request_id(), violations);
  next.campaign = rpc::ReadId<ids::CampaignId>("campaign_id", request.campaign_id(), violations);
  RETURN_IF_ERROR(violations.ToStatus());
  return next;
}

absl::StatusOr<HeldLease> FromProto(const pb::GetCallSheetRequest& request) {
  Violations violations;
  const HeldLease held = ReadLease(request, violations);
  RETURN_IF_ERROR(violations.ToStatus());
  return held;
}

absl::StatusOr<HeldLease> FromProto(const pb::RenewLeaseRequest& request) {
  Violations violations;
  const HeldLease held = ReadLeaseChange(request, violations);
  RETURN_IF_ERROR(violations.ToStatus());
  return held;
}

absl::StatusOr<HeldLease> FromProto(const pb::ReleaseLeaseRequest& request) {
  Violations violations;
  const HeldLease held = ReadLeaseChange(request, violations);
  RETURN_IF_ERROR(violations.ToStatus());
  return held;
}

CallRecord ReadCallRecord(const pb::RecordCallRequest& request, absl::Time now,
                          Violations& violations) {
  const HeldLease held = ReadLeaseChange(request, violations);
  CallRecord call;
  call.request = held.request;
  call.campaign = held.campaign;
  call.lease = held.lease;
  call.fence = held.fence;
  call.disposition = static_cast<Disposition>(rpc::ReadEnum<pb::Disposition>(
      "disposition", request.disposition(), pb::Disposition_IsValid, violations));
  call.phone_position = static_cast<int>(
      rpc::ReadNumber("phone_position", request.phone_position(), 0, kMostPhones, violations));
  ReadTimes(request, now, call, violations);
  ReadSaid(request, now, call, violations);
  ReadVerified(request, call, violations);
  if (!call.answers.empty() && !HasAnswers(call.disposition)) {
    violations.Add("answers", "are not given with this disposition: nobody was asked");
  }
  if (!call.verified.empty() && !HasAnswers(call.disposition)) {
    violations.Add("verified_outcomes", "are not given with this disposition: nobody was asked");
  }
  return call;
}

void CheckAgainst(const Script& script, const CampaignDraft& campaign, const CallRecord& call,
                  Violations& violations) {
  for (size_t i = 0; i < call.answers.size(); ++i) {
    const Answer& answer = call.answers[i];
    const std::string place = rpc::At("answers", static_cast<int>(i));
    const Question* question = FindQuestion(script, answer.question);
    if (question == nullptr) {
      violations.Add(rpc::In(place, "question_id"), "is no question of the campaign's script");
    } else if (!std::visit(Fits{*question}, answer.value)) {
      violations.Add(place, "does not fit the question's type and choices");
    }
  }
  for (size_t i = 0; i < call.agreements.size(); ++i) {
    const AgreementText* text = FindAgreementText(script, call.agreements[i].text_version);
    const std::string place = rpc::At("agreements", static_cast<int>(i));
    if (text == nullptr) {
      violations.Add(rpc::In(place, "text_version"), "is no text of the campaign's script");
    } else if (text->kind != call.agreements[i].kind) {
      violations.Add(rpc::In(place, "text_version"), "asks for an agreement of another kind");
    }
    const std::optional<RegisterEntry>& entry = call.agreements[i].register_entry;
    if (entry.has_value() && entry->non_objection_time < campaign.start_time - kClockSkew) {
      violations.Add(rpc::In(place, "register_entry.non_objection_time"),
                     "must not lie before the start of the campaign");
    }
  }
  if (call.dial_time.has_value() && *call.dial_time < campaign.start_time - kClockSkew) {
    violations.Add("dial_time", "must not lie before the start of the campaign");
  }
  if (call.callback_time.has_value() && *call.callback_time >= campaign.end_time) {
    violations.Add("callback_time", "must lie before the end of the campaign");
  }
}

}  // namespace veille::call_tracking
