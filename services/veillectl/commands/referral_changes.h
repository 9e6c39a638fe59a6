#pragma once

#include "CLI/CLI.hpp"
#include "veillectl/commands/session.h"

namespace veille::veillectl {

// `referral withdraw`, `reroute` and `redeliver`.
void DeclareReferralChanges(CLI::App& group, Session& session);

}  // namespace veille::veillectl
