#pragma once

// Who is left out of a cohort, on paper: a list to act on.

#include <ostream>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/status/statusor.h"
#include "veille/registry/v1/registry_service.pb.h"
#include "veillectl/client/connection.h"
#include "veillectl/commands/paging.h"
#include "veillectl/commands/session.h"

namespace veille::veillectl {

struct LeftOutOptions {
  std::vector<std::string> reasons;
  std::string csv;
  Paging paging;
};

// --reason, --csv, --limit, --after.
void DeclareLeftOutOptions(CLI::App& command, LeftOutOptions& options);

// Those whom the rule leaves out of the register as it stands today; written to the file of --csv.
absl::StatusOr<registry::v1::ListLeftOutResponse> ListLeftOut(const Connection& registry,
                                                              registry::v1::CohortRule rule,
                                                              const LeftOutOptions& options);

void PrintLeftOut(const registry::v1::ListLeftOutResponse& response, const LeftOutOptions& options,
                  std::ostream& out);

}  // namespace veille::veillectl
