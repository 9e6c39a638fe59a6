#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/db/transaction.h"
#include "tenant_registry/domain/contact_sheet.h"

namespace veille::tenant_registry {

// One sheet asked for, of any landlord: callers of several landlords may share a statement.
struct AskedSheet {
  LandlordId landlord;
  std::string caller;  // the calling service
  ContactSheetQuery query;
};

// Reads the sheets and appends their audit events, all in one statement. In the order of `asked`;
// nothing where the landlord has no such household, and no event then.
std::vector<std::optional<ContactSheet>> ReadContactSheets(db::WriteTx& tx,
                                                           const std::vector<AskedSheet>& asked);

}  // namespace veille::tenant_registry
