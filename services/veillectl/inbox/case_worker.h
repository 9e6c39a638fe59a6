#pragma once

// Stands in for the people at a partner: fetches each case that arrives, accepts it and closes it
// as helped, through PartnerDeskService.
//
// An act is never done twice: its request id is made of the act, the referral and the assignment,
// so that a repetition (after an answer that was lost, after a restart of either side) is the same
// act. What could not be done is tried again until it is. What the service has for us but whose
// notice was lost is asked for at the start.

#include <deque>
#include <optional>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "veille/partner/v1/partner_desk_service.pb.h"
#include "veillectl/client/connection.h"
#include "veillectl/inbox/event_log.h"

namespace veille::veillectl {

// Thread-safe; has a thread of its own.
class CaseWorker {
 public:
  // `desk` is a connection to the referral service as the partner. Both outlive the worker.
  CaseWorker(const Connection& desk, EventLog& log);
  ~CaseWorker();  // after the act that is being done

  void Take(const Notice& notice);

 private:
  void Run();
  std::optional<Notice> Next();
  absl::Status TakeOpenCases();
  absl::Status WorkOn(const Notice& notice);
  absl::Status Accept(const Notice& notice);
  absl::Status Close(const Notice& notice);
  // Calls until the service answers, for good or ill, or the worker is to end.
  template <typename Method, typename Request>
  auto Insist(Method method, const Request& request);

  const Connection& desk_;
  EventLog& log_;
  absl::Mutex mutex_;
  std::deque<Notice> waiting_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace veille::veillectl
