#pragma once

#include "CLI/CLI.hpp"
#include "veillectl/commands/session.h"

namespace veille::veillectl {

// `partner update`, `capacity`, `pause`, `resume` and `replay`.
void DeclarePartnerChanges(CLI::App& group, Session& session);

}  // namespace veille::veillectl
