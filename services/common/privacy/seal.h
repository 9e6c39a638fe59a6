#pragma once

// The seam through which every WELFARE and FREE_TEXT column goes, on its way in and out. The
// columns are bytea from the first migration on, so that encryption changes no schema and no
// caller.
//
// The context is the additional data of an authenticated cipher: a sealed value that is copied to
// another row, column or campaign does not open there.
//
// Threads: any. Errors: DATA_LOSS-like INTERNAL when a value does not open in its context.

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/db/sql_values.h"
#include "common/ids/uuid.h"

namespace veille::privacy {

struct SealContext {
  std::string_view table;
  std::string_view column;
  ids::LandlordId landlord;
  ids::CampaignId campaign;  // whose key seals; nil for what belongs to no campaign
  ids::Uuid row;
};

class Seal {
 public:
  virtual ~Seal() = default;
  virtual db::Bytes Close(const SealContext& context, std::string_view plain) const = 0;
  virtual absl::StatusOr<std::string> Open(const SealContext& context,
                                           const db::Bytes& sealed) const = 0;
  // A keyed hash that finds equal values without showing them: HMAC(campaign key, value).
  virtual db::Bytes Blind(ids::CampaignId campaign, std::string_view value) const = 0;
};

// No encryption yet: a version byte and the plain text. The version byte lets sealed and unsealed
// rows live side by side while keys are introduced. Blind() is an HMAC under a key that is derived
// from the campaign's id: it hides nothing from who reads the database until campaign keys exist.
class IdentitySeal final : public Seal {
 public:
  db::Bytes Close(const SealContext& context, std::string_view plain) const override;
  absl::StatusOr<std::string> Open(const SealContext& context,
                                   const db::Bytes& sealed) const override;
  db::Bytes Blind(ids::CampaignId campaign, std::string_view value) const override;
};

}  // namespace veille::privacy
