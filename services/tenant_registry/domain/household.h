#pragma once

// The register as it is stored.

#include <optional>
#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "tenant_registry/domain/identifiers.h"
#include "tenant_registry/domain/phone_number.h"

namespace veille::tenant_registry {

struct Landlord {
  LandlordId id;
  std::string name;
  absl::Time create_time;
};

struct Dwelling {
  std::string number;  // the landlord's
  std::string residence;
  std::string building;
  std::string staircase;
  std::string floor;
  std::string door;
  std::string street_address;
  std::string postal_code;
  std::string commune_name;
  std::string commune_code;
  std::string time_zone;
};

struct Tenant {
  TenantId id;
  std::string title;
  std::string family_name;
  std::string given_name;
  std::optional<absl::CivilDay> birth_date;
  std::string relation;
  std::string email;
  bool objection = false;
};

struct Phone {
  std::string e164;  // empty when invalid
  PhoneVerdict verdict = PhoneVerdict::kInvalid;
  std::string hash;  // empty when invalid
  std::string original;
};

// Whether it is dialled.
inline bool IsCallable(const Phone& phone) {
  return phone.verdict == PhoneVerdict::kValid || phone.verdict == PhoneVerdict::kPossible;
}

struct KeyContact {
  std::string name;
  std::string e164;  // empty when it has none that can be dialled
};

enum class Residency { kPresent = 1, kLeft = 2 };

struct Household {
  HouseholdId id;
  int64_t version = 0;
  std::string client_reference;
  Residency state = Residency::kPresent;
  Dwelling dwelling;
  std::vector<Tenant> tenants;
  std::vector<Phone> phones;  // each number once, in order
  std::vector<KeyContact> key_contacts;
  std::optional<absl::CivilDay> move_in_date;
  bool objection = false;
  bool calls_only = false;  // that objection is to calls only
  absl::Time update_time;
};

// Which households a list shows; an empty text means all.
struct HouseholdFilter {
  std::string commune_code;
  std::string dwelling_number;
  std::string client_reference;
  bool include_left = false;
};

// The postal address, one line each, without empty ones.
std::vector<std::string> AddressLines(const Dwelling& dwelling);

// Each number once: where several rows of a household name it, the first place counts. What cannot
// be read is kept once too.
std::vector<Phone> WithoutRepetition(std::vector<Phone> phones);

}  // namespace veille::tenant_registry
