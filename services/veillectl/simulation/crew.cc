#include "veillectl/simulation/crew.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/ids/uuid.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "veille/calls/v1/call_service.grpc.pb.h"
#include "veille/calls/v1/campaign_service.grpc.pb.h"
#include "veille/calls/v1/volunteer_service.grpc.pb.h"
#include "veillectl/client/digest.h"
#include "veillectl/simulation/insist.h"

namespace veille::veillectl {
namespace {

using CallStub = calls::v1::CallService::Stub;

constexpr absl::Duration kShortestWait = absl::Milliseconds(250);
constexpr absl::Duration kLongestWait = absl::Seconds(2);
// What a household that asks to be called back is promised.
constexpr absl::Duration kCallBack = absl::Seconds(1);

google::protobuf::Timestamp TimestampOf(absl::Time time) {
  google::protobuf::Timestamp timestamp;
  timestamp.set_seconds(absl::ToUnixSeconds(time));
  timestamp.set_nanos(static_cast<int32_t>((time - absl::FromUnixSeconds(timestamp.seconds())) /
                                           absl::Nanoseconds(1)));
  return timestamp;
}

// One volunteer at the telephone.
class Volunteer {
 public:
  Volunteer(const CrewParts& parts, const Connection& calls, Board& board)
      : parts_(parts), calls_(calls), board_(board) {}

  void Run() {
    while (!board_.over()) {
      const absl::Status status = CallNext();
      if (status.ok()) continue;
      switch (errors::ReasonOf(status)) {
        case common::v1::ERROR_REASON_NO_CALL_DUE:
          Pause(status);
          break;
        case common::v1::ERROR_REASON_REQUEST_ID_REUSED:  // its lease ended before the answer came
          break;
        default:
          board_.Fail(status);
      }
    }
  }

 private:
  absl::Status CallNext() {
    calls::v1::LeaseNextCallRequest request;
    request.set_request_id(ids::RequestId::Random().ToString());
    request.set_campaign_id(parts_.campaign_id);
    ASSIGN_OR_RETURN(const calls::v1::LeaseNextCallResponse response,
                     Insist(calls_, &CallStub::LeaseNextCall, request, parts_.until));
    return Call(response.call_sheet());
  }

  absl::Status Call(const calls::v1::CallSheet& sheet) {
    const calls::v1::Lease& lease = sheet.lease();
    calls::v1::RecordCallRequest request;
    request.set_request_id(ids::RequestId::Random().ToString());
    request.set_campaign_id(lease.campaign_id());
    request.set_lease_id(lease.lease_id());
    request.set_fence(lease.fence());
    if (lease.weekly_call() || OnlyAsks(sheet)) {
      request.set_disposition(calls::v1::DISPOSITION_COMPLETED);  // and nothing new
    } else {
      RETURN_IF_ERROR(Hear(sheet, request));
    }
    if (request.disposition() == calls::v1::DISPOSITION_COMPLETED) SayThatHelpCame(sheet, request);
    ASSIGN_OR_RETURN(const calls::v1::RecordCallResponse recorded,
                     Insist(calls_, &CallStub::RecordCall, request, parts_.until));
    if (recorded.late()) {
      return absl::FailedPreconditionError(absl::StrCat("household ", lease.household_id(),
                                                        " was called by two volunteers at once"));
    }
    board_.Record(lease.household_id(), request.disposition(), recorded);
    return absl::OkStatus();
  }

  // Whether the household was called to its end: the call is made to ask whether help came.
  bool OnlyAsks(const calls::v1::CallSheet& sheet) const {
    const Board::Household* household = board_.Find(sheet.lease().household_id());
    return household != nullptr && sheet.outcomes_to_verify_size() > 0 &&
           sheet.lease().attempt_number() > static_cast<int>(household->foreseen->attempts.size());
  }

  static void SayThatHelpCame(const calls::v1::CallSheet& sheet,
                              calls::v1::RecordCallRequest& request) {
    for (const calls::v1::OutcomeToVerify& outcome : sheet.outcomes_to_verify()) {
      calls::v1::VerifiedOutcome& said = *request.add_verified_outcomes();
      said.set_referral_id(outcome.referral_id());
      said.set_came(calls::v1::VERIFICATION_CAME);
    }
  }

  // What the ledger says about this attempt, by whom the sheet names.
  absl::Status Hear(const calls::v1::CallSheet& sheet,
                    calls::v1::RecordCallRequest& request) const {
    const calls::v1::Lease& lease = sheet.lease();
    const Board::Household* household = board_.Find(lease.household_id());
    if (household == nullptr) {
      return absl::FailedPreconditionError(
          absl::StrCat("household ", lease.household_id(),
                       " is to be called, but the register's rule does not select it"));
    }
    const auto& attempts = household->foreseen->attempts;
    const auto number = static_cast<size_t>(std::max(1, lease.attempt_number()));
    if (number > attempts.size()) {
      return absl::FailedPreconditionError(
          absl::StrCat("household ", lease.household_id(), " is to be called a ", number,
                       ". time; the ledger ends after ", attempts.size()));
    }
    const ForeseenAttempt& attempt = attempts[number - 1];
    request.set_disposition(attempt.disposition);
    if (attempt.disposition == calls::v1::DISPOSITION_CALLBACK_REQUESTED) {
      *request.mutable_callback_time() = TimestampOf(absl::Now() + kCallBack);
    }
    for (const Speech& speech : attempt.speeches) {
      RETURN_IF_ERROR(Say(speech, household->callee->TenantAt(speech.tenant), sheet, request));
    }
    return absl::OkStatus();
  }

  static absl::Status Say(const Speech& speech, const std::string& tenant_id,
                          const calls::v1::CallSheet& sheet,
                          calls::v1::RecordCallRequest& request) {
    const auto& tenants = sheet.contact().tenants();
    const bool asked =
        std::any_of(tenants.begin(), tenants.end(), [&](const calls::v1::SheetTenant& tenant) {
          return tenant.subject() && tenant.tenant_id() == tenant_id;
        });
    if (!asked) {
      return absl::FailedPreconditionError(
          absl::StrCat("tenant ", tenant_id, " is not among those whom the call sheet asks about"));
    }
    const auto add = [&tenant_id](const auto& said, auto* added) {
      *added = said;
      added->set_tenant_id(tenant_id);
    };
    for (const auto& answer : speech.answers) add(answer, request.add_answers());
    for (const auto& agreement : speech.agreements) add(agreement, request.add_agreements());
    for (const auto& raised : speech.raised) add(raised, request.add_raised_findings());
    return absl::OkStatus();
  }

  // Nothing is due: until the next retry is.
  void Pause(const absl::Status& no_call_due) {
    const absl::Time now = absl::Now();
    if (now >= parts_.until) {
      board_.Fail(absl::DeadlineExceededError(
          "households are still to be called, but the time is over (see --limit)"));
      return;
    }
    const absl::Duration asked = RetryDelayOf(no_call_due).value_or(kLongestWait);
    board_.Wait(std::clamp(std::min(asked, board_.NextCall() - now), kShortestWait, kLongestWait));
  }

  const CrewParts& parts_;
  const Connection& calls_;
  Board& board_;
};

// Asks how households stand of which this process knows nothing, or that should have come by now:
// another process may have called them before.
class Auditor {
 public:
  Auditor(const CrewParts& parts, Board& board) : parts_(parts), board_(board) {}

  void Run() {
    constexpr absl::Duration kInterval = absl::Seconds(1);
    SimulationCounts before;
    while (!board_.over()) {
      board_.Wait(kInterval);
      const SimulationCounts counts = board_.counts();
      if (counts.calls == before.calls) Audit();  // while calls are made, nothing is amiss
      before = counts;
    }
  }

 private:
  void Audit() {
    for (const std::string& household : board_.Overdue(absl::Now())) {
      if (board_.over()) return;
      calls::v1::ExplainHouseholdRequest request;
      request.set_campaign_id(parts_.campaign_id);
      request.set_household_id(household);
      const auto explained =
          Insist(parts_.coordinator, &calls::v1::CampaignService::Stub::ExplainHousehold, request,
                 parts_.until);
      if (!explained.ok()) return board_.Fail(explained.status());
      board_.Learn(household, NextCallOf(*explained));
    }
  }

  static absl::Time NextCallOf(const calls::v1::ExplainHouseholdResponse& household) {
    switch (household.bucket()) {
      case calls::v1::CALLABILITY_BUCKET_CAMPAIGN_NOT_RUNNING:
      case calls::v1::CALLABILITY_BUCKET_LEASED:
      case calls::v1::CALLABILITY_BUCKET_APPOINTMENT:
      case calls::v1::CALLABILITY_BUCKET_WAITING_FOR_RETRY:
      case calls::v1::CALLABILITY_BUCKET_OUTSIDE_CALL_HOURS:
      case calls::v1::CALLABILITY_BUCKET_DUE: {
        const absl::Time until = absl::FromUnixSeconds(household.until_time().seconds() + 1);
        return std::max(until, absl::Now());
      }
      default:
        return absl::InfiniteFuture();
    }
  }

  const CrewParts& parts_;
  Board& board_;
};

}  // namespace

absl::Status EnrolCrew(const CrewParts& parts) {
  for (const std::string& subject : parts.subjects) {
    calls::v1::EnrolVolunteerRequest request;
    request.set_request_id(NamedUuid(absl::StrCat("enrol\n", parts.campaign_id, "\n", subject)));
    request.mutable_volunteer()->set_subject(subject);
    request.mutable_volunteer()->set_display_name(subject);
    const auto enrolled =
        Insist(parts.coordinator, &calls::v1::VolunteerService::Stub::EnrolVolunteer, request,
               parts.until);
    if (!enrolled.ok() &&
        errors::ReasonOf(enrolled.status()) != common::v1::ERROR_REASON_DUPLICATE_NAME) {
      return enrolled.status();
    }
  }
  return absl::OkStatus();
}

absl::Status RunCrew(const CrewParts& parts, Board& board) {
  std::vector<std::thread> threads;
  for (const Connection& calls : parts.volunteers) {
    threads.emplace_back([&parts, &calls, &board] { Volunteer(parts, calls, board).Run(); });
  }
  threads.emplace_back([&parts, &board] { Auditor(parts, board).Run(); });
  for (std::thread& thread : threads) thread.join();
  return board.error();
}

}  // namespace veille::veillectl
