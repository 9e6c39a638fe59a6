#pragma once

// The engine's side of the tests of partners. A test's notice is a delivery without a referral: it
// is claimed, renewed and fenced with the others (DeliveryQueue); what it says and how it ends is
// here.

#include <vector>

#include "common/db/transaction.h"
#include "referral/store/delivery_queue.h"

namespace veille::referral {

class PartnerTestQueue {
 public:
  explicit PartnerTestQueue(db::WriteTx& tx) : tx_(tx) {}

  // Of these deliveries, which are claimed, the notices of tests. Those of tests that are over are
  // gone instead.
  std::vector<Claim> Read(const std::vector<ids::LandlordId>& landlords,
                          const std::vector<DeliveryId>& deliveries,
                          const std::vector<int32_t>& probes);

  // Ends claims: a receipt is noted, and may switch the partner on; what was wrong is noted too,
  // and tried again as long as the test lasts, if that may help. No coordinator is bothered.
  void End(const std::vector<Push>& pushes);

 private:
  db::WriteTx& tx_;
};

}  // namespace veille::referral
