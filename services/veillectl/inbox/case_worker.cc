#include "veillectl/inbox/case_worker.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "veille/partner/v1/partner_desk_service.grpc.pb.h"
#include "veillectl/client/digest.h"

namespace veille::veillectl {
namespace {

namespace pb = ::veille::partner::v1;
namespace common = ::veille::common::v1;
using Desk = pb::PartnerDeskService::Stub;

constexpr absl::Duration kShortestPause = absl::Milliseconds(100);
constexpr absl::Duration kLongestPause = absl::Seconds(5);
constexpr absl::Duration kLongestWait = absl::Seconds(1);  // for a connection, before it looks up

std::string RequestIdOf(std::string_view act, const Notice& notice) {
  return NamedUuid(
      absl::StrCat(std::string(act), ":", notice.referral_id, ":", notice.assignment_fence));
}

// Errors that a repetition does not change.
bool IsFinal(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kUnauthenticated:
      return true;
    default:
      return false;
  }
}

std::string ReasonNameOf(const absl::Status& status) {
  const auto reason = errors::ReasonOf(status);
  return reason == common::ERROR_REASON_UNSPECIFIED ? absl::StatusCodeToString(status.code())
                                                    : common::ErrorReason_Name(reason);
}

bool IsAccepted(common::ReferralState state) {
  return state == common::REFERRAL_STATE_ACCEPTED || state == common::REFERRAL_STATE_IN_PROGRESS;
}

}  // namespace

CaseWorker::CaseWorker(const Connection& desk, EventLog& log)
    : desk_(desk), log_(log), thread_([this] { Run(); }) {}

CaseWorker::~CaseWorker() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  thread_.join();
}

void CaseWorker::Take(const Notice& notice) {
  absl::MutexLock lock(&mutex_);
  const bool known = std::find(waiting_.begin(), waiting_.end(), notice) != waiting_.end();
  if (!known) waiting_.push_back(notice);
}

std::optional<Notice> CaseWorker::Next() {
  absl::MutexLock lock(&mutex_);
  const auto ready = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return stopping_ || !waiting_.empty();
  };
  mutex_.Await(absl::Condition(&ready));
  if (stopping_) return std::nullopt;
  Notice notice = std::move(waiting_.front());
  waiting_.pop_front();
  return notice;
}

void CaseWorker::Run() {
  const absl::Status listed = TakeOpenCases();
  if (!listed.ok()) log_.Failed("cannot-list", {}, ReasonNameOf(listed));
  while (const std::optional<Notice> notice = Next()) {
    const absl::Status status = WorkOn(*notice);
    if (!status.ok()) log_.Failed("gave-up", *notice, ReasonNameOf(status));
  }
}

template <typename Method, typename Request>
auto CaseWorker::Insist(Method method, const Request& request) {
  absl::Duration pause = kShortestPause;
  while (true) {
    auto response = desk_.Call(method, request);
    if (response.ok() || IsFinal(response.status())) return response;
    desk_.WaitUntilReachable(kLongestWait);
    absl::MutexLock lock(&mutex_);
    if (mutex_.AwaitWithTimeout(absl::Condition(&stopping_), pause)) return response;
    pause = std::min(2 * pause, kLongestPause);
  }
}

absl::Status CaseWorker::TakeOpenCases() {
  pb::ListMyReferralsRequest request;
  for (const auto state : {common::REFERRAL_STATE_REQUESTED, common::REFERRAL_STATE_RECEIVED,
                           common::REFERRAL_STATE_ACCEPTED, common::REFERRAL_STATE_IN_PROGRESS}) {
    request.add_states(state);
  }
  do {
    ASSIGN_OR_RETURN(const pb::ListMyReferralsResponse page,
                     Insist(&Desk::ListMyReferrals, request));
    for (const pb::PartnerCase& open : page.cases()) {
      if (!open.superseded()) Take({open.referral_id(), open.assignment_fence()});
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return absl::OkStatus();
}

absl::Status CaseWorker::WorkOn(const Notice& notice) {
  pb::GetMyReferralRequest request;
  request.set_referral_id(notice.referral_id);
  ASSIGN_OR_RETURN(const pb::GetMyReferralResponse fetched, Insist(&Desk::GetMyReferral, request));
  const pb::PartnerCase& open = fetched.partner_case();
  if (open.superseded() || open.assignment_fence() != notice.assignment_fence) {
    log_.Did("superseded", notice);
    return absl::OkStatus();
  }
  if (open.state() == common::REFERRAL_STATE_COMPLETED) return absl::OkStatus();
  if (!IsAccepted(open.state())) RETURN_IF_ERROR(Accept(notice));
  return Close(notice);
}

absl::Status CaseWorker::Accept(const Notice& notice) {
  pb::AcceptReferralRequest request;
  request.set_request_id(RequestIdOf("accept", notice));
  request.set_referral_id(notice.referral_id);
  request.set_assignment_fence(notice.assignment_fence);
  RETURN_IF_ERROR(Insist(&Desk::AcceptReferral, request).status());
  log_.Did("accepted", notice);
  return absl::OkStatus();
}

absl::Status CaseWorker::Close(const Notice& notice) {
  pb::CloseReferralRequest request;
  request.set_request_id(RequestIdOf("close", notice));
  request.set_referral_id(notice.referral_id);
  request.set_assignment_fence(notice.assignment_fence);
  request.set_outcome(common::REFERRAL_OUTCOME_HELPED);
  RETURN_IF_ERROR(Insist(&Desk::CloseReferral, request).status());
  log_.Did("closed", notice);
  return absl::OkStatus();
}

}  // namespace veille::veillectl
