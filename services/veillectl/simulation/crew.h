#pragma once

// The volunteers of a simulation: each leases the next household, reads its call sheet, "hears"
// what the ledger says and records it, as a person's app would, until nobody is left to call.
//
// What is recorded is recorded once, whatever happens to the services meanwhile: a call that got no
// answer is made again with the same request id. A volunteer who finds nothing to do waits for the
// next retry; weekly calls, a week ahead, are not waited for.

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "veillectl/client/connection.h"
#include "veillectl/simulation/board.h"

namespace veille::veillectl {

struct CrewParts {
  const Connection& coordinator;              // call-tracking, as the coordinator
  const std::vector<Connection>& volunteers;  // the same, one per volunteer
  const std::vector<std::string>& subjects;   // who they are, in the same order
  std::string campaign_id;
  absl::Time until;  // when patience ends
};

// Enrols the volunteers; those who are enrolled already stay so.
absl::Status EnrolCrew(const CrewParts& parts);

// Returns when the board is over, with its error if there is one.
absl::Status RunCrew(const CrewParts& parts, Board& board);

}  // namespace veille::veillectl
