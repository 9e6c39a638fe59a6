#pragma once

// What partners are told, as it is told.

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/db/transaction.h"
#include "common/privacy/seal.h"
#include "referral/domain/disclosure.h"

namespace veille::referral {

// Writes down what is told in this transaction, or leaves when it has committed; the same items,
// told again by the same way under the same assignment, are counted. What tells nothing about the
// person is left out. A case comes once in `told`. The statement travels with the next one.
void RecordDisclosures(db::WriteTx& tx, const privacy::Seal& seal, DisclosureWay way,
                       const std::vector<Telling>& told, absl::Time now);

// How items are written inside the seal. INTERNAL when they cannot be read.
std::string ToJson(const std::vector<DisclosedItem>& items);
absl::StatusOr<std::vector<DisclosedItem>> ItemsFromJson(const std::string& text);

// The statements themselves, for what measures them.
const db::Query& RecordDisclosuresQuery();

}  // namespace veille::referral
