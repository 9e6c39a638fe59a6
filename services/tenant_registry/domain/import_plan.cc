#include "tenant_registry/domain/import_plan.h"

namespace veille::tenant_registry {
namespace {

class Planner {
 public:
  Planner(const KnownRegister& known, int64_t first_position)
      : known_(known), position_(first_position) {}

  void Add(const JudgedRow& judged) {
    RowVerdict verdict{judged.line_number, judged.key_text, Verdict::kRefused, ""};
    if (const RefusedRow* refused = judged.refused()) {
      verdict.reason = refused->reason;
    } else {
      Take(*judged.taken(), verdict);
    }
    plan_.verdicts.push_back(std::move(verdict));
    ++position_;
  }
  ChunkPlan Finish() && { return std::move(plan_); }

 private:
  const KnownRow* Known(const RegisterRow& row) const {
    const auto found = known_.rows.find(row.key);
    return found == known_.rows.end() ? nullptr : &found->second;
  }

  void Take(const RegisterRow& row, RowVerdict& verdict) {
    const KnownRow* known = Known(row);
    const auto [earlier, first] = in_chunk_.try_emplace(row.key, Earlier{});
    if (!first || (known != nullptr && known->seen)) {
      Repeat(row, known, first ? Earlier{known->changed, {}} : earlier->second, verdict);
    } else if (known != nullptr && known->active && known->contents == row.contents) {
      verdict.verdict = Verdict::kUnchanged;
      plan_.unchanged.push_back(row.key);
    } else {
      verdict.verdict = known == nullptr ? Verdict::kTaken : Verdict::kChanged;
      if (!row.warning.empty()) Warn(row.warning, verdict);
      earlier->second = Earlier{true, Write(row, known)};
    }
  }

  static void Warn(std::string_view reason, RowVerdict& verdict) {
    verdict.verdict = Verdict::kTakenWithWarning;
    verdict.reason = reason;
  }

  // What a row of this import became before its repetition.
  struct Earlier {
    bool changed = false;
    std::optional<size_t> tenant;  // its place among the plan's tenants
  };

  // A row that this import has had: nothing is taken from it but an objection.
  void Repeat(const RegisterRow& row, const KnownRow* known, const Earlier& earlier,
              RowVerdict& verdict) {
    const bool same = known != nullptr && known->contents == row.contents;
    if (same && !earlier.changed) {
      verdict.verdict = Verdict::kUnchanged;
    } else {
      Warn(warning::kRepeated, verdict);
    }
    if (!row.objection) return;
    if (earlier.tenant.has_value()) {
      plan_.tenants[*earlier.tenant].objection = true;
    } else if (known != nullptr && known->tenant.has_value() && !known->objection) {
      plan_.objections.push_back({*known->household, *known->tenant});
    }
  }

  // The place of the row's tenant in the plan; nothing for a vacant dwelling.
  std::optional<size_t> Write(const RegisterRow& row, const KnownRow* known) {
    const DwellingId dwelling = WriteDwelling(row);
    RowWrite write{row.key, row.contents, dwelling, {}, {}};
    std::optional<size_t> place;
    if (row.vacant) {
      if (known != nullptr && known->tenant.has_value()) Leave(*known);
    } else {
      place = WriteTenant(row, dwelling, known);
      write.household = plan_.tenants[*place].household;
      write.tenant = plan_.tenants[*place].id;
    }
    plan_.rows.push_back(std::move(write));
    return place;
  }

  void Leave(const KnownRow& known) {
    plan_.gone.push_back(*known.tenant);
    plan_.cleared.push_back({*known.household, *known.tenant});
    plan_.lost.push_back(*known.household);
  }

  const KnownHome* HomeOf(const RegisterRow& row) const {
    const auto home = known_.homes.find(HomeKey(row.dwelling.number, row.client_reference));
    return home == known_.homes.end() ? nullptr : &home->second;
  }

  DwellingId WriteDwelling(const RegisterRow& row) {
    const auto [place, first] = dwellings_.try_emplace(row.dwelling.number, plan_.dwellings.size());
    if (!first) {
      plan_.dwellings[place->second].dwelling = &row.dwelling;  // the last row counts
      return plan_.dwellings[place->second].id;
    }
    const KnownHome* home = HomeOf(row);
    const bool known = home != nullptr && home->dwelling.has_value();
    const DwellingId id = known ? *home->dwelling : DwellingId::Random();
    plan_.dwellings.push_back({id, &row.dwelling});
    return id;
  }

  HouseholdWrite& WriteHousehold(const RegisterRow& row, DwellingId dwelling) {
    const HomeKey key(row.dwelling.number, row.client_reference);
    const auto [place, first] = households_.try_emplace(key, plan_.households.size());
    if (first) {
      const KnownHome* home = HomeOf(row);
      const bool known = home != nullptr && home->household.has_value();
      plan_.households.push_back({known ? *home->household : HouseholdId::Random(), dwelling,
                                  row.client_reference, row.move_in_date, known});
    }
    HouseholdWrite& household = plan_.households[place->second];
    if (!household.move_in_date.has_value()) household.move_in_date = row.move_in_date;
    return household;
  }

  size_t WriteTenant(const RegisterRow& row, DwellingId dwelling, const KnownRow* known) {
    const HouseholdWrite& household = WriteHousehold(row, dwelling);
    const bool known_tenant = known != nullptr && known->tenant.has_value();
    const TenantId tenant = known_tenant ? *known->tenant : TenantId::Random();
    if (known_tenant) {
      plan_.cleared.push_back({*known->household, tenant});
      if (*known->household != household.id) plan_.lost.push_back(*known->household);
    }
    if (row.objection && household.known && !(known_tenant && known->objection)) {
      plan_.objections.push_back({household.id, tenant});
    }
    plan_.tenants.push_back(
        {tenant, household.id, &row, position_, row.objection, household.known});
    return plan_.tenants.size() - 1;
  }

  const KnownRegister& known_;
  int64_t position_;
  ChunkPlan plan_;
  absl::flat_hash_map<ids::Uuid, Earlier> in_chunk_;
  absl::flat_hash_map<std::string, size_t> dwellings_;  // by number: place in the plan
  absl::flat_hash_map<HomeKey, size_t> households_;     // place in the plan
};

}  // namespace

ChunkPlan PlanChunk(absl::Span<const JudgedRow> rows, const KnownRegister& known,
                    int64_t first_position) {
  Planner planner(known, first_position);
  for (const JudgedRow& row : rows) planner.Add(row);
  return std::move(planner).Finish();
}

}  // namespace veille::tenant_registry
