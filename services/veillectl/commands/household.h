#pragma once

// The commands of `veillectl household`, and how a household is printed.

#include <ostream>
#include <string>

#include "CLI/CLI.hpp"
#include "veille/registry/v1/household.pb.h"
#include "veillectl/commands/session.h"

namespace veille::veillectl {

void DeclareHouseholdLists(CLI::App& group, Session& session);    // list, find, left-out
void DeclareHouseholdChanges(CLI::App& group, Session& session);  // update, object

void PrintHousehold(const registry::v1::Household& household, std::ostream& out);

// The required argument HOUSEHOLD.
void AddHouseholdArgument(CLI::App& command, std::string& household);

}  // namespace veille::veillectl
