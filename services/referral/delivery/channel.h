#pragma once

// A way to a partner's machine.

#include <map>
#include <stop_token>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/async/task.h"
#include "referral/convert/partner_case.h"
#include "referral/domain/words.h"
#include "referral/store/delivery_queue.h"

namespace veille::referral {

// How one push went. Whatever a partner answers, it is asked again: a machine that refuses
// everything may be one that is being mended.
struct Answer {
  // The partner's own number for the delivery (empty when it gave none that can be kept): its
  // machine has the notice. An error says what the partner, or the way to it, answered.
  absl::StatusOr<std::string> receipt;
  // How long the partner asked to be left alone; zero: it did not.
  absl::Duration retry_after = absl::ZeroDuration();
  // The partner says that nobody takes notices at this endpoint, and nobody will.
  bool gone = false;
  // Of a webhook that was answered with something else than a receipt.
  int http_status = 0;
  // Nothing was sent, and nothing will be before a person has changed something.
  bool hopeless = false;
};

// Of a push that we did not make. Its hope is in the code: what was not reached, or not in time,
// may be the next time, and what was refused to be sent stays refused.
Answer NotSent(const absl::Status& why);

// Thread-safe; outlives the engine that uses it.
class Channel {
 public:
  virtual ~Channel() = default;

  // Pushes a claim's notice, as it is: what it tells is recorded already. Ends by `deadline`, or
  // soon after a stop; throws nothing. Claim and notice stay where they are until then.
  virtual async::Task<Answer> Send(const Claim& claim,
                                   const partner_pb::DeliverReferralRequest& notice,
                                   absl::Time deadline, std::stop_token stop) = 0;
};

// The engine's channels by their kind. A claim for a kind that is not among them is parked.
using Channels = std::map<PartnerChannel, Channel*>;

}  // namespace veille::referral
