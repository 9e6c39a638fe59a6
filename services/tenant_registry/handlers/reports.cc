#include "tenant_registry/handlers/reports.h"

#include <utility>
#include <vector>

#include "common/db/request_ledger.h"
#include "common/outbox/inbox.h"
#include "common/status/macros.h"
#include "tenant_registry/convert/report.h"
#include "tenant_registry/errors.h"
#include "tenant_registry/handlers/announcements.h"
#include "tenant_registry/store/change_store.h"
#include "tenant_registry/store/household_store.h"

namespace veille::tenant_registry::handlers {
namespace {

constexpr std::string_view kPhoneReportTopic = "report-phone";

absl::StatusOr<Reach> ReachOf(const RequestContext& context, db::WriteTx& tx, HouseholdId id) {
  std::vector<Reach> reach = ReadReach(tx, context.landlord(), {id});
  if (reach.empty()) return errors::HouseholdNotFound();
  return std::move(reach[0]);
}

// How the household can be reached afterwards.
absl::StatusOr<Reach> TakeReport(const RequestContext& context, db::WriteTx& tx,
                                 const PhoneReport& report) {
  ASSIGN_OR_RETURN(const auto taken,
                   db::TakeRequest(tx, context.landlord(), report.request, context.method(),
                                   report.household.uuid(), /*same_object=*/true));
  HouseholdStore households(tx, context.landlord());
  if (!households.Lock(report.household).has_value()) return errors::HouseholdNotFound();
  const bool first = !taken.repeated && outbox::TakeIn(tx, context.landlord(), kPhoneReportTopic,
                                                       report.attempt.uuid());
  if (!first) return ReachOf(context, tx, report.household);
  const std::optional<bool> was_callable = households.MarkPhoneNotWorking(
      report.household, report.phone_hash, report.fault, report.attempt);
  if (!was_callable.has_value()) return errors::PhoneNotFound();
  if (*was_callable) households.Bump(report.household);
  ASSIGN_OR_RETURN(const Reach reach, ReachOf(context, tx, report.household));
  if (*was_callable) {
    Announce(context, tx,
             {{reach.household, reach.version, ChangeKind::kPhones, {}, reach.phone_hashes}});
  }
  privacy::AppendAuditEvent(
      tx, context.Audit("household", report.household.uuid(), "keeping the register"));
  return reach;
}

// Nothing when the object is not the landlord's; otherwise whether the objection is new: no other
// of the household goes as far.
std::optional<bool> Store(HouseholdStore& households, const HouseholdStore::Locked& household,
                          const Objection& objection) {
  if (objection.tenant.has_value()) {
    return households.ObjectTenant(objection.household, *objection.tenant, objection.time);
  }
  const bool widens = household.calls_only && !objection.calls_only;
  if (household.objection && !widens) return false;
  households.Object(objection.household, objection.time, objection.calls_only);
  return true;
}

// The household's version afterwards.
absl::StatusOr<int64_t> TakeObjection(const RequestContext& context, db::WriteTx& tx,
                                      const Objection& objection) {
  const ids::Uuid object =
      objection.tenant.has_value() ? objection.tenant->uuid() : objection.household.uuid();
  ASSIGN_OR_RETURN(const auto taken,
                   db::TakeRequest(tx, context.landlord(), objection.request, context.method(),
                                   object, /*same_object=*/true));
  HouseholdStore households(tx, context.landlord());
  const auto household = households.Lock(objection.household);
  if (!household.has_value()) return errors::HouseholdNotFound();
  if (taken.repeated) return household->version;
  const std::optional<bool> fresh = Store(households, *household, objection);
  if (!fresh.has_value()) return errors::HouseholdNotFound();
  privacy::AppendAuditEvent(
      tx, context.Audit("household", objection.household.uuid(), "recording an objection"));
  if (!*fresh) return household->version;
  const int64_t version = households.Bump(objection.household);
  HouseholdChange change{objection.household, version, ChangeKind::kObjection, {}, {}};
  if (objection.tenant.has_value()) change.tenants.push_back(*objection.tenant);
  change.calls_only = objection.calls_only;
  Announce(context, tx, {change});
  return version;
}

}  // namespace

async::Task<absl::StatusOr<pb::ReportPhoneResponse>> ReportPhone(
    RequestContext& context, const pb::ReportPhoneRequest& request) {
  CO_ASSIGN_OR_RETURN(const PhoneReport report, FromProto(request));
  auto taken =
      co_await context.db().Write([&](db::WriteTx& tx) { return TakeReport(context, tx, report); });
  CO_ASSIGN_OR_RETURN(const Reach reach, std::move(taken));
  context.WakeRelay();
  pb::ReportPhoneResponse response;
  response.set_phones_left(static_cast<int32_t>(reach.phone_hashes.size()));
  co_return response;
}

async::Task<absl::StatusOr<pb::RecordObjectionResponse>> RecordObjection(
    RequestContext& context, const pb::RecordObjectionRequest& request) {
  CO_ASSIGN_OR_RETURN(const Objection objection, FromProto(request, context.now()));
  auto taken = co_await context.db().Write(
      [&](db::WriteTx& tx) { return TakeObjection(context, tx, objection); });
  CO_ASSIGN_OR_RETURN(const int64_t version, std::move(taken));
  context.WakeRelay();
  pb::RecordObjectionResponse response;
  response.set_version(version);
  co_return response;
}

}  // namespace veille::tenant_registry::handlers
