#pragma once

#include "CLI/CLI.hpp"
#include "veillectl/commands/session.h"

namespace veille::veillectl {

// `referral record-answer`: what a partner answered when it was telephoned.
void DeclareRecordAnswer(CLI::App& group, Session& session);

}  // namespace veille::veillectl
