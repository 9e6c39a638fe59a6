#pragma once

// Referrals created, delivered and receipted as a pgbench script: the referral service's own
// statements (the very query constants). `batch` referrals are created in one transaction, as many
// that are due are claimed in the next and ended in a third, and the relay's two pairs of
// transactions tell call-tracking of both. Statements whose answers nobody reads go out together.
// An integration test shows that the script leaves the rows that the service leaves.

#include <string>

#include "common/ids/uuid.h"

namespace veille::bench {

struct Deliveries {
  ids::LandlordId landlord;
  int batch = 64;
  int partners = 20;  // partner n covers the commune 31000 + n (prepare_referral.sql)
};

// For pgbench -M prepared.
std::string DeliveryScript(const Deliveries& deliveries);

}  // namespace veille::bench
