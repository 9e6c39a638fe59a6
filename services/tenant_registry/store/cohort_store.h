#pragma once

// Judges households by a cohort rule, a page at a time.

#include <vector>

#include "common/db/transaction.h"
#include "tenant_registry/domain/cohort.h"

namespace veille::tenant_registry {

inline constexpr size_t kJudgedPerPage = 500;

class CohortStore {
 public:
  CohortStore(db::ReadTx& tx, LandlordId landlord) : tx_(tx), landlord_(landlord) {}

  // The next kJudgedPerPage households after `after` that live in the rule's communes and
  // buildings, by id; fewer at the end. Each with at most one reason to be left out.
  std::vector<JudgedHousehold> JudgePage(const CohortRule& rule, HouseholdId after);

  // Who they are, in the order of `households`; for UNDER_AGE with all tenants' names, else with
  // those of the minimum age.
  std::vector<LeftOutEntry> Describe(const CohortRule& rule,
                                     const std::vector<JudgedHousehold>& households);

  // Refused rows of the last import that may concern somebody of the minimum age, after the row
  // with this number; at most `most` (1001 at most).
  std::vector<LeftOutEntry> ListRefused(const CohortRule& rule, int64_t after, size_t most);

 private:
  void AddNumbers(std::vector<Candidate>& candidates);

  db::ReadTx& tx_;
  const LandlordId landlord_;
};

}  // namespace veille::tenant_registry
