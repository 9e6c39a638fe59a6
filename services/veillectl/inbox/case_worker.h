#pragma once

// Stands in for the people at a partner: takes each case that arrives through the steps that its
// orders name, through PartnerDeskService.
//
// An act is never done twice: its request id is made of the act, the referral and the assignment,
// so that a repetition (after an answer that was lost, after a restart of either side) is the same
// act. What could not be done is tried again until it is. What the service has for us but whose
// notice was lost is asked for at the start and every few seconds.

#include <deque>
#include <optional>
#include <set>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "veille/partner/v1/partner_desk_service.pb.h"
#include "veillectl/client/connection.h"
#include "veillectl/inbox/event_log.h"

namespace veille::veillectl {

// What is done with each case.
struct Orders {
  bool decline = false;  // with `reason`; otherwise it is accepted
  common::v1::DeclineReason reason = common::v1::DECLINE_REASON_NO_CAPACITY;
  bool close = true;  // an accepted one is also started, and closed with `outcome`
  common::v1::ReferralOutcome outcome = common::v1::REFERRAL_OUTCOME_HELPED;
};

// Thread-safe; has a thread of its own.
class CaseWorker {
 public:
  // `desk` is a connection to the referral service as the partner. Both outlive the worker.
  CaseWorker(const Connection& desk, EventLog& log, const Orders& orders);
  ~CaseWorker();  // after the act that is being done

  void Take(const Notice& notice);

 private:
  void Run();
  // The next one to work on; nothing when it is time to ask for open cases, or to end.
  std::optional<Notice> Next();
  bool stopping();
  absl::Status TakeOpenCases();
  absl::Status WorkOn(const Notice& notice);
  absl::Status Accept(const Notice& notice);
  absl::Status Decline(const Notice& notice);
  absl::Status Start(const Notice& notice);
  absl::Status Close(const Notice& notice);
  // The part of a request that every act has.
  template <typename Request>
  Request Begin(std::string_view act, const Notice& notice) const;
  // Calls until the service answers, for good or ill, or the worker is to end.
  template <typename Method, typename Request>
  auto Insist(Method method, const Request& request);

  const Connection& desk_;
  EventLog& log_;
  const Orders orders_;
  std::set<Notice> done_;  // or given up; the thread's own
  absl::Mutex mutex_;
  std::deque<Notice> waiting_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace veille::veillectl
