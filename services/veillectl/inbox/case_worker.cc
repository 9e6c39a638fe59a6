#include "veillectl/inbox/case_worker.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "veille/partner/v1/partner_desk_service.grpc.pb.h"
#include "veillectl/client/digest.h"
#include "veillectl/client/failure.h"

namespace veille::veillectl {
namespace {

namespace pb = ::veille::partner::v1;
namespace common = ::veille::common::v1;
using Desk = pb::PartnerDeskService::Stub;

constexpr absl::Duration kShortestPause = absl::Milliseconds(100);
constexpr absl::Duration kLongestPause = absl::Seconds(5);
constexpr absl::Duration kListInterval = absl::Seconds(5);
constexpr absl::Duration kLongestWait = absl::Seconds(1);  // for a connection, before it looks up

std::string ReasonNameOf(const absl::Status& status) {
  const auto reason = errors::ReasonOf(status);
  return reason == common::ERROR_REASON_UNSPECIFIED ? absl::StatusCodeToString(status.code())
                                                    : common::ErrorReason_Name(reason);
}

constexpr char kNote[] = "Exemple";  // where the contract wants one

}  // namespace

CaseWorker::CaseWorker(const Connection& desk, EventLog& log, const Orders& orders)
    : desk_(desk), log_(log), orders_(orders), thread_([this] { Run(); }) {}

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
  mutex_.AwaitWithTimeout(absl::Condition(&ready), kListInterval);
  if (stopping_ || waiting_.empty()) return std::nullopt;
  Notice notice = std::move(waiting_.front());
  waiting_.pop_front();
  return notice;
}

bool CaseWorker::stopping() {
  absl::MutexLock lock(&mutex_);
  return stopping_;
}

void CaseWorker::Run() {
  absl::Time list_time = absl::InfinitePast();
  while (!stopping()) {
    if (absl::Now() >= list_time) {
      const absl::Status listed = TakeOpenCases();
      if (!listed.ok()) log_.Failed("cannot-list", {}, ReasonNameOf(listed));
      list_time = absl::Now() + kListInterval;
    }
    const std::optional<Notice> notice = Next();
    if (!notice.has_value() || done_.contains(*notice)) continue;
    const absl::Status status = WorkOn(*notice);
    if (!status.ok()) log_.Failed("gave-up", *notice, ReasonNameOf(status));
    done_.insert(*notice);
  }
}

template <typename Method, typename Request>
auto CaseWorker::Insist(Method method, const Request& request) {
  absl::Duration pause = kShortestPause;
  while (true) {
    auto response = desk_.Call(method, request);
    if (response.ok() || !WorthRepeating(response.status())) return response;
    desk_.WaitUntilReachable(kLongestWait);
    absl::MutexLock lock(&mutex_);
    if (mutex_.AwaitWithTimeout(absl::Condition(&stopping_), pause)) return response;
    pause = std::min(2 * pause, kLongestPause);
  }
}

absl::Status CaseWorker::TakeOpenCases() {
  pb::ListMyReferralsRequest request;
  request.add_states(common::REFERRAL_STATE_REQUESTED);
  request.add_states(common::REFERRAL_STATE_RECEIVED);
  if (!orders_.decline) {
    // Accepted before a crash, but not closed, or not told.
    request.add_states(common::REFERRAL_STATE_ACCEPTED);
    request.add_states(common::REFERRAL_STATE_IN_PROGRESS);
  }
  do {
    ASSIGN_OR_RETURN(const pb::ListMyReferralsResponse page,
                     Insist(&Desk::ListMyReferrals, request));
    for (const pb::PartnerCase& open : page.cases()) {
      const Notice notice{open.referral_id(), open.assignment_fence()};
      if (open.superseded() || done_.contains(notice)) continue;
      log_.Did("received", notice);  // unless a notice came
      Take(notice);
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
  const bool ours = !open.superseded() && open.assignment_fence() == notice.assignment_fence;
  if (!ours) {
    if (!log_.Has("declined", notice)) log_.Did("superseded", notice);
    return absl::OkStatus();
  }
  if (open.state() == common::REFERRAL_STATE_COMPLETED) return absl::OkStatus();
  if (orders_.decline) return Decline(notice);
  // Repeated when the log does not know of it: the request id tells whether it was ours.
  if (!log_.Has("accepted", notice)) RETURN_IF_ERROR(Accept(notice));
  if (!orders_.close) return absl::OkStatus();
  if (open.state() != common::REFERRAL_STATE_IN_PROGRESS) RETURN_IF_ERROR(Start(notice));
  return Close(notice);
}

template <typename Request>
Request CaseWorker::Begin(std::string_view act, const Notice& notice) const {
  Request request;
  request.set_request_id(NamedUuid(
      absl::StrCat(std::string(act), ":", notice.referral_id, ":", notice.assignment_fence)));
  request.set_referral_id(notice.referral_id);
  request.set_assignment_fence(notice.assignment_fence);
  return request;
}

absl::Status CaseWorker::Accept(const Notice& notice) {
  const auto request = Begin<pb::AcceptReferralRequest>("accept", notice);
  RETURN_IF_ERROR(Insist(&Desk::AcceptReferral, request).status());
  log_.Did("accepted", notice);
  return absl::OkStatus();
}

absl::Status CaseWorker::Decline(const Notice& notice) {
  auto request = Begin<pb::DeclineReferralRequest>("decline", notice);
  request.set_reason(orders_.reason);
  if (orders_.reason == common::DECLINE_REASON_OTHER) request.set_note(kNote);
  RETURN_IF_ERROR(Insist(&Desk::DeclineReferral, request).status());
  log_.Did("declined", notice);
  return absl::OkStatus();
}

absl::Status CaseWorker::Start(const Notice& notice) {
  const auto request = Begin<pb::StartReferralRequest>("start", notice);
  RETURN_IF_ERROR(Insist(&Desk::StartReferral, request).status());
  log_.Did("started", notice);
  return absl::OkStatus();
}

absl::Status CaseWorker::Close(const Notice& notice) {
  auto request = Begin<pb::CloseReferralRequest>("close", notice);
  request.set_outcome(orders_.outcome);
  if (orders_.outcome == common::REFERRAL_OUTCOME_COULD_NOT_HELP) request.set_note(kNote);
  RETURN_IF_ERROR(Insist(&Desk::CloseReferral, request).status());
  log_.Did("closed", notice);
  return absl::OkStatus();
}

}  // namespace veille::veillectl
