#pragma once

// Has the service test a partner (TestPartner), and tells how far it came.

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "veille/referral/v1/partner.pb.h"
#include "veille/referral/v1/partner_test.pb.h"
#include "veillectl/client/connection.h"
#include "veillectl/verify/verdict.h"

namespace veille::veillectl {

// Waits until the test is accepted, something is wrong with it, or `patience` has passed; once it
// was fetched, for an acceptance a few seconds more at most. `referral` is the coordinator's.
absl::StatusOr<referral::v1::PartnerTest> RunTest(const Connection& referral,
                                                  const std::string& partner_id,
                                                  const std::string& request_id,
                                                  absl::Duration patience);

// What a developer reads in it.
Verdicts Read(const referral::v1::PartnerTest& test, referral::v1::PartnerChannel channel);

}  // namespace veille::veillectl
