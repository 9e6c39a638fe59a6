#pragma once

#include "veillectl/commands/session.h"

namespace veille::veillectl {

// `referral watch`.
void DeclareReferralWatch(CLI::App& group, Session& session);

}  // namespace veille::veillectl
