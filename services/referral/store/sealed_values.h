#pragma once

// The sealed columns of one row, and how their values are written inside.

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/privacy/seal.h"
#include "referral/domain/referral.h"

namespace veille::referral {

// Seals and opens the columns of one row. An empty bytea is a value that was never set: it opens as
// empty text.
class SealedRow {
 public:
  SealedRow(const privacy::Seal& seal, std::string_view table, ids::LandlordId landlord,
            ids::CampaignId campaign, const ids::Uuid& row)
      : seal_(seal), table_(table), landlord_(landlord), campaign_(campaign), row_(row) {}

  db::Bytes Close(std::string_view column, std::string_view plain) const {
    return seal_.Close(Context(column), plain);
  }
  absl::StatusOr<std::string> Open(std::string_view column, const db::Bytes& sealed) const {
    if (sealed.value.empty()) return std::string();
    return seal_.Open(Context(column), sealed);
  }
  // A value of an enumeration; 0 when it was never set.
  absl::StatusOr<int> OpenNumber(std::string_view column, const db::Bytes& sealed) const;

 private:
  privacy::SealContext Context(std::string_view column) const {
    return {table_, column, landlord_, campaign_, row_};
  }

  const privacy::Seal& seal_;
  std::string_view table_;
  ids::LandlordId landlord_;
  ids::CampaignId campaign_;
  ids::Uuid row_;
};

// Says in the log that something sealed of a referral does not open. What is shown or sent goes on
// without it, so that one value that is lost does not hide the other cases.
void LogUnreadable(ids::ReferralId referral);

// JSON inside the seal, so that a field may be added later. INTERNAL when it cannot be read.
std::string ToJson(const SharedContact& contact);
std::string ToJson(const SharingBasis& basis);
absl::StatusOr<SharedContact> ContactFromJson(const std::string& text);
absl::StatusOr<SharingBasis> BasisFromJson(const std::string& text);

// What a sealed basis says of the entry in the town hall's register; nothing of one that was left
// out.
absl::StatusOr<std::optional<RegisterEntry>> OpenRegisterEntry(const SealedRow& row,
                                                               const db::Bytes& basis);

}  // namespace veille::referral
