#pragma once

// A person of the landlord who calls.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/ids/uuid.h"

namespace veille::call_tracking {

using VolunteerId = ids::Id<struct VolunteerTag>;

// Numbered as in the contract and in the database.
enum class VolunteerState { kActive = 1, kLeft = 2 };

// What a coordinator gives.
struct VolunteerDraft {
  std::string subject;  // who it is in the credentials; unique per landlord
  std::string display_name;
  std::vector<std::string> languages;  // BCP 47; never empty
};

// A time in which a volunteer does not call.
struct Absence {
  absl::Time start_time;
  absl::Time end_time;  // exclusive
  friend bool operator==(const Absence&, const Absence&) = default;
};

// What a coordinator changes; what is absent stays as it is.
struct VolunteerChange {
  std::optional<std::string> display_name;
  std::optional<std::vector<std::string>> languages;  // never empty
  std::optional<VolunteerState> state;
};

struct Volunteer {
  VolunteerId id;
  VolunteerDraft draft;
  VolunteerState state = VolunteerState::kActive;
  int64_t version = 1;
  absl::Time create_time;
  std::optional<Absence> absence;  // the last that was set
};

}  // namespace veille::call_tracking
