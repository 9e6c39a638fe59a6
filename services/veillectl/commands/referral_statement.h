#pragma once

#include "CLI/CLI.hpp"
#include "veillectl/commands/session.h"

namespace veille::veillectl {

// `referral statement`.
void DeclareReferralStatement(CLI::App& group, Session& session);

}  // namespace veille::veillectl
