#pragma once

// How a referral is shown to a coordinator.

#include <ostream>
#include <string>

#include "veille/referral/v1/referral.pb.h"
#include "veillectl/commands/partner_names.h"

namespace veille::veillectl {

// Who has it, or who had it last when it has ended.
std::string PartnerOf(const referral::v1::Referral& referral, const PartnerNames& names);

// All of it, and what can be done about it now.
void PrintReferral(const referral::v1::Referral& referral, const PartnerNames& names,
                   std::ostream& out);

}  // namespace veille::veillectl
