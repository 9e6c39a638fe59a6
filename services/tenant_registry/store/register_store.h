#pragma once

// Writes the register, a chunk at a time, by set-based statements only.

#include <string>
#include <vector>

#include "absl/types/span.h"
#include "common/db/transaction.h"
#include "tenant_registry/domain/import_plan.h"

namespace veille::tenant_registry {

class RegisterStore {
 public:
  // `phone_key` is the landlord's.
  RegisterStore(db::WriteTx& tx, LandlordId landlord, std::string phone_key)
      : tx_(tx), landlord_(landlord), phone_key_(std::move(phone_key)) {}

  void WriteChunk(ImportId import, const ChunkPlan& plan);

  // Keeps the refused rows that name a person. `first_number` is that of the first row in its file.
  void KeepRefused(ImportId import, absl::Span<const JudgedRow> rows, int64_t first_number);

 private:
  void WriteDwellings(const ChunkPlan& plan);
  void WriteHouseholds(const ChunkPlan& plan);
  void WriteTenants(const ChunkPlan& plan);
  void WriteReach(const ChunkPlan& plan);  // phones and key contacts
  void WriteRows(ImportId import, const ChunkPlan& plan);

  db::WriteTx& tx_;
  const LandlordId landlord_;
  const std::string phone_key_;
};

}  // namespace veille::tenant_registry
