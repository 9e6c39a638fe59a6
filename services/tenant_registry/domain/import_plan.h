#pragma once

// What one chunk of a register changes. Pure: from its rows and what is known of them.

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/types/span.h"
#include "tenant_registry/domain/import.h"
#include "tenant_registry/domain/register_row.h"

namespace veille::tenant_registry {

// A row as it was taken before.
struct KnownRow {
  ids::Uuid contents;
  DwellingId dwelling;
  std::optional<HouseholdId> household;
  std::optional<TenantId> tenant;
  bool seen = false;     // by this import
  bool changed = false;  // by this import
  bool active = true;    // for the register its tenant is present and its household has not left
  bool objection = false;
};

// Where a row belongs: dwelling number and client reference.
using HomeKey = std::pair<std::string, std::string>;

struct KnownHome {
  std::optional<DwellingId> dwelling;
  std::optional<HouseholdId> household;
  bool present = false;  // for the register the household has not left
};

struct KnownRegister {
  absl::flat_hash_map<ids::Uuid, KnownRow> rows;
  absl::flat_hash_map<HomeKey, KnownHome> homes;
};

struct DwellingWrite {
  DwellingId id;
  const Dwelling* dwelling = nullptr;
};
struct HouseholdWrite {
  HouseholdId id;
  DwellingId dwelling;
  std::string client_reference;
  std::optional<absl::CivilDay> move_in_date;
  bool known = false;
};
struct TenantWrite {
  TenantId id;
  HouseholdId household;
  const RegisterRow* row = nullptr;
  int64_t position = 0;
  bool objection = false;
  bool household_known = false;
};
struct RowWrite {
  ids::Uuid key;
  ids::Uuid contents;
  DwellingId dwelling;
  std::optional<HouseholdId> household;
  std::optional<TenantId> tenant;
};
// A tenant in a household that it had, or has.
struct Membership {
  HouseholdId household;
  TenantId tenant;
};

struct ChunkPlan {
  std::vector<RowVerdict> verdicts;        // one per row
  std::vector<DwellingWrite> dwellings;    // each dwelling once
  std::vector<HouseholdWrite> households;  // each household once
  std::vector<TenantWrite> tenants;
  std::vector<Membership> cleared;     // whose phones and key contacts are replaced
  std::vector<TenantId> gone;          // whose row is a vacant dwelling now
  std::vector<HouseholdId> lost;       // households that lost somebody to another one
  std::vector<RowWrite> rows;          // taken or changed
  std::vector<ids::Uuid> unchanged;    // keys of rows that are as they were
  std::vector<Membership> objections;  // of known households, new with this chunk
};

// `first_position` is the number in the file of the chunk's first row. The plan points into `rows`.
ChunkPlan PlanChunk(absl::Span<const JudgedRow> rows, const KnownRegister& known,
                    int64_t first_position);

}  // namespace veille::tenant_registry
