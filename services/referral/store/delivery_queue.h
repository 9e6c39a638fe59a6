#pragma once

// The engine's side of the deliveries: claims for a while, and ends of claims. A claim has a fence;
// an end under another fence changes nothing, so a worker that was thought dead cannot write.

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/db/transaction.h"
#include "common/privacy/seal.h"
#include "referral/domain/partner_case.h"
#include "referral/domain/partner_test.h"

namespace veille::referral {

using DeliveryId = ids::Id<struct DeliveryTag>;

// Which delivery is held, under which fence.
struct Held {
  ids::LandlordId landlord;
  DeliveryId delivery;
  int64_t fence = 0;
};

// How many pushes a partner gets at most; 0: none.
struct PartnerLimit {
  ids::PartnerId partner;
  int most = 0;
};

// How much is claimed at once.
struct Portion {
  int most = 64;
  int most_per_partner = 16;
  std::vector<PartnerLimit> limits = {};          // partners that get less than that
  absl::Duration hold;                            // by the database's clock
  absl::Duration probe_hold = absl::Seconds(15);  // how long a push that ends a rest is waited for
  std::optional<absl::Duration> within = {};      // of those that became due so long ago or less
};

// One push to be made now.
struct Claim {
  ids::LandlordId landlord;
  DeliveryId delivery;
  int message_number = 0;  // of what the delivery says, from 0; the same in all its tries
  int64_t fence = 0;
  ids::PartnerId partner;
  int tries = 0;  // with this one
  PartnerChannel channel = PartnerChannel::kGrpc;
  std::string endpoint;
  bool probe = false;        // the only push to a partner that rested: whether it is back
  bool withdrawn = false;    // says that the partner has the referral no more; then nothing else
  bool full = false;         // the partner is sent the whole case
  bool readable = true;      // false: what is sealed does not open, there is nothing to send
  PartnerCase partner_case;  // words and person only if `full`
};

// What was wrong with the push of a test, if anything: see PartnerTest.
struct TestResult {
  PartnerTestProblem problem = PartnerTestProblem::kNone;
  std::string answer;
};

// How a push went.
struct Push {
  enum class Result { kReceived, kRetry, kPark };

  ids::LandlordId landlord;
  DeliveryId delivery;
  int64_t fence = 0;
  ids::ReferralId referral;
  bool is_withdrawal = false;
  Result result = Result::kRetry;
  absl::Duration delay;                           // kRetry
  std::string receipt_number;                     // kReceived
  std::optional<TestResult> test = std::nullopt;  // of a test's notice, which has no referral
};

// A referral that became RECEIVED: one per finding that it answers.
struct Received {
  ids::LandlordId landlord;
  ReferralUpdate update;
};

class DeliveryQueue {
 public:
  DeliveryQueue(db::WriteTx& tx, const privacy::Seal& seal) : tx_(tx), seal_(seal) {}

  // Claims due deliveries, the longest due first, tests of partners among them. A full case that
  // leaves the service leaves an audit event here.
  std::vector<Claim> ClaimDue(const Portion& portion);

  // Holds claims for `hold` from now on, as far as they still stand.
  void Renew(const std::vector<Held>& claims, absl::Duration hold);

  // Ends claims. A receipt makes the delivery DELIVERED and, unless somebody was faster, the
  // referral RECEIVED; a withdrawal that was received is WITHDRAWN. What is parked, or has failed
  // many times, goes on the worklist; a test's notice does not.
  std::vector<Received> End(std::vector<Push> pushes, absl::Time now);

 private:
  void Lock(const std::vector<Push>& pushes);
  std::vector<Received> Receive(const std::vector<Push>& pushes, absl::Time now);
  void Retry(const std::vector<Push>& pushes, absl::Time now);
  void Park(const std::vector<Push>& pushes, absl::Time now);
  absl::Status OpenSealed(const db::Row& row, Claim& claim) const;

  db::WriteTx& tx_;
  const privacy::Seal& seal_;
};

// The statements themselves, for what measures them.
const db::Query& ClaimDeliveriesQuery();
const db::Query& ReadClaimsQuery();
const db::Query& LockReferralsQuery();
const db::Query& ReceiveDeliveriesQuery();

}  // namespace veille::referral
