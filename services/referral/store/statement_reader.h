#pragma once

// What was told of a person, read again.

#include <vector>

#include "common/db/transaction.h"
#include "common/privacy/seal.h"
#include "referral/domain/disclosure.h"

namespace veille::referral {

class StatementReader {
 public:
  StatementReader(db::ReadTx& tx, const privacy::Seal& seal, ids::LandlordId landlord)
      : tx_(tx), seal_(seal), landlord_(landlord) {}

  // The cases of a person after this one (nil: from the first), the oldest first. What does not
  // open is left out, and the case says so.
  std::vector<DisclosedCase> List(ids::TenantId tenant, ids::Uuid after, int limit);

 private:
  void ReadDisclosures(std::vector<DisclosedCase>& cases);

  db::ReadTx& tx_;
  const privacy::Seal& seal_;
  ids::LandlordId landlord_;
};

}  // namespace veille::referral
