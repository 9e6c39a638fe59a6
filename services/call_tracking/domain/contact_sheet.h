#pragma once

// Whom a volunteer calls, as the registry tells it for one lease. Held in memory for the length of
// a call of ours; never stored, never logged.

#include <string>
#include <vector>

#include "common/ids/uuid.h"

namespace veille::call_tracking {

struct ContactSheet {
  struct Tenant {
    ids::TenantId id;
    std::string title;
    std::string family_name;
    std::string given_name;
    int age = 0;  // 0: not known
    bool objection = false;
  };
  struct Phone {
    std::string e164;
    std::string hash;  // 32 bytes, as in the cohort
  };
  struct KeyContact {
    std::string name;
    std::string e164;  // may be empty
  };

  ids::HouseholdId household;
  std::vector<Tenant> tenants;
  std::vector<Phone> phones;  // in the order in which to try them
  std::vector<std::string> address_lines;
  std::string commune_code;
  std::string commune_name;
  std::string time_zone;
  std::vector<KeyContact> key_contacts;
};

}  // namespace veille::call_tracking
