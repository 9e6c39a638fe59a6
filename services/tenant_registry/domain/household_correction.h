#pragma once

// What a coordinator corrects of a household while its tenant is on the line.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/civil_time.h"
#include "tenant_registry/domain/household.h"
#include "tenant_registry/domain/household_change.h"

namespace veille::tenant_registry {

struct TypedPhone {
  std::string text;   // empty: nothing in this place
  bool works = true;  // else it is kept, and not dialled
};

struct TypedContact {
  std::string name;
  std::string phone;
};

struct TenantCorrection {
  Tenant tenant;  // its relation is not used
  std::string name_folded;
  bool deceased = false;
};

// Absent and empty: stays as it is.
struct HouseholdCorrection {
  std::optional<std::vector<TypedPhone>> phones;
  std::optional<std::vector<TypedContact>> key_contacts;
  std::vector<TenantCorrection> tenants;
  std::optional<bool> objection;
  std::optional<Residency> state;
};

// The numbers of a typed list, each once, in order; `unreadable` has the places of the others.
struct ReadList {
  std::vector<Phone> phones;  // their hashes are empty
  std::vector<size_t> unreadable;
};
ReadList ReadTyped(const std::vector<TypedPhone>& typed, std::string_view region);

struct ReadContacts {
  std::vector<KeyContact> contacts;
  std::vector<size_t> unreadable;
};
ReadContacts ReadTyped(const std::vector<TypedContact>& typed, std::string_view region);

// What a correction did that call-tracking must hear of.
struct CorrectionEffect {
  bool household_left = false;
  bool household_objects = false;
  std::vector<TenantId> object;
  std::vector<TenantId> died;
};

// What ends calls, each to be announced under a version of its own.
std::vector<HouseholdChange> EndingChanges(HouseholdId household, const CorrectionEffect& effect);

}  // namespace veille::tenant_registry
