#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "veille/calls/v1/volunteer.pb.h"

namespace veille::veillectl {

// The volunteers of a file: one veille.calls.v1.Volunteer as JSON, an array of them, or CSV with
// the columns subject, display_name and languages (fr,en), parted by semicolons or tabs.
struct VolunteerFile {
  std::vector<calls::v1::Volunteer> volunteers;
  bool single = false;  // one as JSON
};

// Usage errors name the place: "volunteers.json, entry 3: …".
absl::StatusOr<VolunteerFile> ReadVolunteers(const std::string& path);

}  // namespace veille::veillectl
