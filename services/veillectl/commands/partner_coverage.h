#pragma once

#include "veillectl/commands/session.h"

namespace veille::veillectl {

// `partner coverage`: who would take what, and what nobody would.
void DeclareCoverage(CLI::App& group, Session& session);

}  // namespace veille::veillectl
