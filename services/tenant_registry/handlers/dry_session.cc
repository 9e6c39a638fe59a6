#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "common/status/macros.h"
#include "tenant_registry/domain/digest.h"
#include "tenant_registry/errors.h"
#include "tenant_registry/handlers/import_session.h"
#include "tenant_registry/store/register_lookup.h"

namespace veille::tenant_registry::handlers {
namespace {

class Dry final : public ImportSession {
 public:
  Dry(RequestContext& context, ImportHeader header)
      : context_(context), header_(std::move(header)) {}

  async::Task<absl::StatusOr<Start>> Begin() override {
    rules_ = RulesFor(header_, context_.now());
    co_return Start{ImportId::Random(), 0, 0};
  }

  async::Task<absl::StatusOr<std::vector<RowVerdict>>> TakeChunk(
      int64_t number, std::vector<JudgedRow> rows) override {
    if (number != chunks_ + 1) co_return errors::ImportChunkOutOfOrder();
    auto read = co_await context_.db().Read([&](db::ReadTx& tx) -> absl::StatusOr<KnownRegister> {
      return LookUpChunk(tx, context_.landlord(), ImportId(), rows);
    });
    CO_ASSIGN_OR_RETURN(KnownRegister known, std::move(read));
    co_await context_.executor().Hop();
    AddSeen(rows, known);
    ChunkPlan plan = PlanChunk(rows, known, rows_ + 1);
    Remember(rows, known, plan);
    chunks_ = number;
    rows_ += static_cast<int64_t>(rows.size());
    Count(plan.verdicts, totals_.counts);
    co_return std::move(plan.verdicts);
  }

  async::Task<absl::StatusOr<ImportTotals>> Finish(int64_t row_count) override {
    if (row_count != rows_) co_return errors::ImportRowCountDiffers();
    if (AllRows(totals_.counts) == RowsWith(totals_.counts, Verdict::kRefused)) {
      co_return errors::ImportEmpty();
    }
    totals_.dwellings = static_cast<int64_t>(dwellings_.size());
    totals_.households = static_cast<int64_t>(households_.size());
    if (header_.complete) {
      auto counted = co_await context_.db().Read([&](db::ReadTx& tx) -> absl::StatusOr<int64_t> {
        return CountPresentHouseholds(tx, context_.landlord());
      });
      CO_ASSIGN_OR_RETURN(const int64_t present, std::move(counted));
      totals_.households_left = present - static_cast<int64_t>(named_.size());
    }
    co_return totals_;
  }

  async::Task<void> LetGo() override { co_return; }

 private:
  // Marks the rows that came in an earlier chunk.
  void AddSeen(const std::vector<JudgedRow>& rows, KnownRegister& known) const {
    for (const JudgedRow& row : rows) {
      if (row.taken() == nullptr) continue;
      const auto seen = seen_.find(row.taken()->key);
      if (seen == seen_.end()) continue;
      KnownRow& stored = known.rows[row.taken()->key];
      stored.seen = true;
      stored.changed = seen->second;
    }
  }

  void Remember(const std::vector<JudgedRow>& rows, const KnownRegister& known,
                const ChunkPlan& plan) {
    for (size_t i = 0; i < rows.size(); ++i) {
      if (const RegisterRow* row = rows[i].taken()) {
        RememberRow(*row, plan.verdicts[i].verdict != Verdict::kUnchanged);
      }
    }
    for (const auto& [key, home] : known.homes) {
      if (home.household.has_value() && home.present) named_.insert(*home.household);
    }
  }

  void RememberRow(const RegisterRow& row, bool changed) {
    const bool first = seen_.emplace(row.key, changed).second;
    dwellings_.insert(Digest({row.dwelling.number}));
    if (row.vacant) return;
    households_.insert(Digest({row.dwelling.number, row.client_reference}));
    if (first) ++totals_.tenants;
  }

  RequestContext& context_;
  const ImportHeader header_;
  int64_t chunks_ = 0;
  int64_t rows_ = 0;
  absl::flat_hash_map<ids::Uuid, bool> seen_;  // by row key: whether it was taken or changed
  absl::flat_hash_set<ids::Uuid> dwellings_;
  absl::flat_hash_set<ids::Uuid> households_;
  absl::flat_hash_set<HouseholdId> named_;  // stored households that the file names
  ImportTotals totals_;
};

}  // namespace

std::unique_ptr<ImportSession> DrySession(RequestContext& context, ImportHeader header) {
  return std::make_unique<Dry>(context, std::move(header));
}

}  // namespace veille::tenant_registry::handlers
