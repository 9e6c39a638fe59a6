#pragma once

#include <ostream>

#include "veille/referral/v1/partner_test.pb.h"
#include "veillectl/commands/session.h"

namespace veille::veillectl {

// `partner test` and `partner verify`: is the partner's machine ready, and if not, what is wrong?
void DeclarePartnerVerify(CLI::App& group, Session& session);

void PrintTest(const referral::v1::PartnerTest& test, std::ostream& out);

}  // namespace veille::veillectl
