#pragma once

// Whom a campaign would call.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "tenant_registry/domain/identifiers.h"

namespace veille::tenant_registry {

struct CohortRule {
  int minimum_age = 0;
  absl::CivilDay reference_date;
  std::vector<std::string> commune_codes;  // empty: all
  std::vector<std::string> buildings;      // empty: all
};

// The first that holds, in this order.
enum class LeftOutReason { kUnderAge = 1, kObjection = 2, kNoValidPhone = 3, kRefusedRow = 4 };

// What is known of a household that may be called.
struct Candidate {
  struct Person {
    TenantId id;
    int64_t position = 0;  // the order of the register
    bool of_age = false;   // and lives there
    bool objects = false;
  };
  struct Number {
    TenantId named_by;  // nil: typed by a coordinator
    int64_t position = 0;
    std::string hash;
  };

  HouseholdId id;
  int64_t version = 0;
  std::string commune_code;
  std::string time_zone;
  bool objects = false;         // the whole household
  std::vector<Person> persons;  // all who are known, in any order
  std::vector<Number> numbers;  // that can be dialled, in any order

  // Whether somebody would be called if there is a number.
  bool HasSubject() const;
};

// A household as the rule sees it.
struct JudgedHousehold {
  HouseholdId id;
  int64_t version = 0;
  std::string commune_code;
  std::string time_zone;
  std::optional<LeftOutReason> left_out;  // absent: selected
  std::vector<TenantId> subjects;
  std::vector<std::string> phone_hashes;
};

// One reason at most, the first that holds.
JudgedHousehold Judge(Candidate candidate);

struct CohortCounts {
  int64_t selected = 0;
  int64_t under_age = 0;
  int64_t objection = 0;
  int64_t no_valid_phone = 0;

  void Add(const JudgedHousehold& household) {
    if (!household.left_out.has_value()) {
      ++selected;
    } else if (*household.left_out == LeftOutReason::kUnderAge) {
      ++under_age;
    } else if (*household.left_out == LeftOutReason::kObjection) {
      ++objection;
    } else {
      ++no_valid_phone;
    }
  }
};

// Selected households by INSEE code.
using CommuneCounts = std::map<std::string, int64_t>;

// A household or a refused row that somebody should look at.
struct LeftOutEntry {
  std::optional<HouseholdId> household;
  LeftOutReason reason = LeftOutReason::kUnderAge;
  std::string dwelling_number;
  std::string client_reference;
  std::vector<std::string> names;
  std::vector<std::string> address_lines;
  std::string commune_code;
  int64_t line_number = 0;
  int64_t row_number = 0;  // of a refused row, in its file
  std::string refusal;
};

}  // namespace veille::tenant_registry
