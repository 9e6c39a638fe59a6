#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "common/db/request_ledger.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "tenant_registry/errors.h"
#include "tenant_registry/handlers/announcements.h"
#include "tenant_registry/handlers/import_session.h"
#include "tenant_registry/handlers/register_day.h"
#include "tenant_registry/store/change_store.h"
#include "tenant_registry/store/import_store.h"
#include "tenant_registry/store/landlord_store.h"
#include "tenant_registry/store/register_close.h"
#include "tenant_registry/store/register_lookup.h"
#include "tenant_registry/store/register_store.h"

namespace veille::tenant_registry::handlers {
namespace {

constexpr absl::Duration kLetGoTime = absl::Seconds(5);

bool IsNew(const RowVerdict& row) {
  return row.verdict == Verdict::kTaken || row.verdict == Verdict::kTakenWithWarning;
}

// 1, 8, 64, …: as a register grows.
bool IsPowerOfEight(int64_t number) {
  while (number % 8 == 0) number /= 8;
  return number == 1;
}

bool IsSameHeader(const StoredImport& stored, const ImportHeader& header) {
  return stored.file_hash == header.file_hash && stored.complete == header.complete &&
         stored.date_order == header.date_order && stored.reference_date == header.reference_date;
}

// Households that were stored before and that the plan changes.
std::vector<HouseholdId> KnownHouseholds(const ChunkPlan& plan) {
  absl::flat_hash_set<HouseholdId> known(plan.lost.begin(), plan.lost.end());
  for (const HouseholdWrite& household : plan.households) {
    if (household.known) known.insert(household.id);
  }
  for (const Membership& objection : plan.objections) known.insert(objection.household);
  return {known.begin(), known.end()};
}

using ReachByHousehold = absl::flat_hash_map<HouseholdId, Reach>;

ReachByHousehold ReadAll(db::WriteTx& tx, LandlordId landlord,
                         const std::vector<HouseholdId>& households) {
  ReachByHousehold all;
  if (households.empty()) return all;
  for (Reach& reach : ReadReach(tx, landlord, households)) {
    all.emplace(reach.household, std::move(reach));
  }
  return all;
}

// What call-tracking must hear of a chunk: new objections and other phones.
std::vector<HouseholdChange> ChangesOf(const ChunkPlan& plan, const ReachByHousehold& before,
                                       const ReachByHousehold& after) {
  std::vector<HouseholdChange> changes;
  // One change for all who object in a household: a version of it is taken in once.
  std::map<ids::HouseholdId, std::vector<ids::TenantId>> objecting;
  for (const Membership& objection : plan.objections) {
    objecting[objection.household].push_back(objection.tenant);
  }
  for (auto& [household, tenants] : objecting) {
    changes.push_back(
        {household, after.at(household).version, ChangeKind::kObjection, std::move(tenants), {}});
  }
  for (const auto& [household, reach] : after) {
    if (before.at(household).phone_hashes == reach.phone_hashes) continue;
    changes.push_back({household, reach.version, ChangeKind::kPhones, {}, reach.phone_hashes});
  }
  return changes;
}

class Storing final : public ImportSession {
 public:
  Storing(RequestContext& context, ImportHeader header)
      : context_(context), header_(std::move(header)) {}

  async::Task<absl::StatusOr<Start>> Begin() override {
    const ImportId fresh = ImportId::Random();
    auto begun = co_await context_.db().Write(
        [&](db::WriteTx& tx) -> absl::StatusOr<Begun> { return BeginIn(tx, fresh); });
    CO_ASSIGN_OR_RETURN(begun_, std::move(begun));
    rules_ = RulesFor(header_, context_.now());
    rules_.judged_on = begun_.judged_on;
    co_return Start{begun_.id, begun_.chunks, begun_.rows, begun_.done};
  }

  async::Task<absl::StatusOr<std::vector<RowVerdict>>> TakeChunk(
      int64_t number, std::vector<JudgedRow> rows) override {
    if (begun_.done || number != begun_.chunks + 1) co_return errors::ImportChunkOutOfOrder();
    auto taken = co_await context_.db().Write(
        [&](db::WriteTx& tx) -> absl::StatusOr<std::vector<RowVerdict>> {
          return TakeIn(tx, number, rows);
        });
    CO_ASSIGN_OR_RETURN(std::vector<RowVerdict> verdicts, std::move(taken));
    begun_.chunks = number;
    context_.import_metrics().Took(verdicts);
    context_.WakeRelay();
    grown_ = grown_ || std::any_of(verdicts.begin(), verdicts.end(), IsNew);
    if (grown_ && IsPowerOfEight(number)) co_await RefreshPlans();
    co_return verdicts;
  }

  async::Task<absl::StatusOr<ImportTotals>> Finish(int64_t row_count) override {
    if (grown_) co_await RefreshPlans();
    auto finished = co_await context_.db().Write(
        [&](db::WriteTx& tx) -> absl::StatusOr<ImportTotals> { return FinishIn(tx, row_count); });
    CO_ASSIGN_OR_RETURN(ImportTotals totals, std::move(finished));
    begun_.done = true;
    context_.WakeRelay();
    co_return totals;
  }

  async::Task<void> LetGo() override {
    if (begun_.id.is_nil() || begun_.done) co_return;
    // The caller may have gone; if this fails too, the hold runs out.
    (void)co_await context_.database().Write(
        db::Within(kLetGoTime, {context_.landlord()}), [&](db::WriteTx& tx) -> absl::Status {
          ImportStore(tx, context_.landlord()).LetGo(begun_.id, begun_.fence);
          return absl::OkStatus();
        });
  }

 private:
  // Plans that were made for empty tables read a whole landlord per row. Without this they would be
  // corrected a minute later: a failure does no harm.
  async::Task<void> RefreshPlans() {
    grown_ = false;
    (void)co_await context_.db().Write([](db::WriteTx& tx) -> absl::Status {
      RefreshStatistics(tx);
      return absl::OkStatus();
    });
  }

  struct Begun {
    ImportId id;
    int64_t fence = 0;
    int64_t chunks = 0;
    int64_t rows = 0;
    absl::CivilDay judged_on;
    bool done = false;
    std::string phone_key;
  };

  absl::StatusOr<Begun> BeginIn(db::WriteTx& tx, ImportId fresh) const {
    std::optional<std::string> key = LandlordStore(tx).LockPhoneKey(context_.landlord());
    if (!key.has_value()) return errors::LandlordNotFound();
    ASSIGN_OR_RETURN(const auto taken, db::TakeRequest(tx, context_.landlord(), header_.request,
                                                       context_.method(), fresh.uuid()));
    const ImportId id(taken.object_id);
    ImportStore imports(tx, context_.landlord());
    if (!taken.repeated) RETURN_IF_ERROR(InsertIn(tx, imports, id));
    const std::optional<StoredImport> stored = imports.Lock(id);
    if (!stored.has_value()) return ::veille::errors::Internal();
    if (!IsSameHeader(*stored, header_)) return errors::ImportHeaderDiffers();
    if (stored->state == ImportState::kOvertaken) return errors::ImportOvertaken();
    const bool done = stored->state == ImportState::kDone;
    const int64_t fence = done ? stored->fence : imports.TakeOver(id);
    return Begun{id, fence, stored->chunks, stored->rows, stored->judged_on, done, *std::move(key)};
  }

  absl::Status InsertIn(db::WriteTx& tx, ImportStore& imports, ImportId id) const {
    bool held = false;
    const std::optional<ImportId> running = imports.LockRunning(held);
    if (running.has_value() && held) return errors::AnotherImportRuns();
    if (running.has_value()) imports.Overtake(*running);
    imports.Insert(id, header_, RulesFor(header_, context_.now()).judged_on);
    privacy::AppendAuditEvent(tx, context_.Audit("import", id.uuid(), "keeping the register"));
    return absl::OkStatus();
  }

  // Why this stream may not write: another one may, or a commit whose answer was lost counted the
  // chunk in already.
  absl::Status WhyNot(ImportStore& imports) const {
    const std::optional<StoredImport> stored = imports.Lock(begun_.id);
    if (!stored.has_value()) return ::veille::errors::Internal();
    if (stored->state == ImportState::kOvertaken) return errors::ImportOvertaken();
    if (stored->fence != begun_.fence) return errors::ImportStreamReplaced();
    return errors::ImportChunkOutOfOrder();
  }

  absl::StatusOr<std::vector<RowVerdict>> TakeIn(db::WriteTx& tx, int64_t number,
                                                 const std::vector<JudgedRow>& rows) const {
    ImportStore imports(tx, context_.landlord());
    const std::optional<int64_t> rows_before =
        imports.TakeChunk(begun_.id, begun_.fence, number, static_cast<int64_t>(rows.size()));
    if (!rows_before.has_value()) return WhyNot(imports);
    const KnownRegister known = LookUpChunk(tx, context_.landlord(), begun_.id, rows);
    ChunkPlan plan = PlanChunk(rows, known, *rows_before + 1);
    const std::vector<HouseholdId> households = KnownHouseholds(plan);
    const ReachByHousehold before = ReadAll(tx, context_.landlord(), households);
    RegisterStore store(tx, context_.landlord(), begun_.phone_key);
    store.WriteChunk(begun_.id, plan);
    store.KeepRefused(begun_.id, rows, *rows_before + 1);
    VerdictCounts counts;
    Count(plan.verdicts, counts);
    imports.AddCounts(begun_.id, counts);
    Announce(context_, tx, ChangesOf(plan, before, ReadAll(tx, context_.landlord(), households)));
    return std::move(plan.verdicts);
  }

  absl::StatusOr<ImportTotals> FinishIn(db::WriteTx& tx, int64_t row_count) const {
    ImportStore imports(tx, context_.landlord());
    const std::optional<StoredImport> stored = imports.Lock(begun_.id);
    if (!stored.has_value()) return ::veille::errors::Internal();
    if (stored->rows != row_count) return errors::ImportRowCountDiffers();
    if (stored->state == ImportState::kDone) return imports.ReadTotals(begun_.id);
    if (stored->state == ImportState::kOvertaken) return errors::ImportOvertaken();
    if (stored->fence != begun_.fence) return errors::ImportStreamReplaced();
    ImportTotals totals = imports.CountSeen(begun_.id);
    if (AllRows(totals.counts) == RowsWith(totals.counts, Verdict::kRefused)) {
      return errors::ImportEmpty();
    }
    if (header_.complete) {
      std::vector<HouseholdChange> changes;
      for (const Reach& left : MarkLeft(tx, context_.landlord(), begun_.id)) {
        changes.push_back({left.household, left.version, ChangeKind::kLeft, {}, {}});
      }
      Announce(context_, tx, changes);
      totals.households_left = static_cast<int64_t>(changes.size());
    }
    DropOlderRefused(tx, context_.landlord(), begun_.id);
    imports.Finish(begun_.id, totals);
    privacy::AppendAuditEvent(tx,
                              context_.Audit("import", begun_.id.uuid(), "keeping the register"));
    return totals;
  }

  RequestContext& context_;
  const ImportHeader header_;
  Begun begun_;
  bool grown_ = false;  // since the plans were made
};

}  // namespace

std::unique_ptr<ImportSession> StoringSession(RequestContext& context, ImportHeader header) {
  return std::make_unique<Storing>(context, std::move(header));
}

RowRules RulesFor(const ImportHeader& header, absl::Time now) {
  return RowRules{&Communes::All(), header.date_order,
                  header.reference_date.value_or(RegisterDay(now))};
}

}  // namespace veille::tenant_registry::handlers
