#include "call_tracking/handlers/intake.h"

#include "call_tracking/convert/intake.h"
#include "call_tracking/convert/outgoing.h"
#include "call_tracking/errors.h"
#include "call_tracking/store/household_change_store.h"
#include "call_tracking/store/outbox_seal.h"
#include "call_tracking/store/referral_update_store.h"
#include "common/db/request_ledger.h"
#include "common/outbox/outbox.h"
#include "common/privacy/audit_trail.h"
#include "common/status/macros.h"

namespace veille::call_tracking::handlers {
namespace {

// Whether the update was newer than what was known. The request's object says so to a repetition:
// the finding when it was, else the referral.
absl::StatusOr<bool> Take(const RequestContext& context, db::WriteTx& tx,
                          const ReferralUpdateIntake& intake) {
  const ReferralUpdate& update = intake.update;
  ReferralUpdateStore updates(tx, context.seal(), context.landlord());
  const auto known = updates.LockVersion(update);
  if (!known.has_value()) return errors::FindingNotFound(update.finding);
  const bool newer = update.version > *known;
  ASSIGN_OR_RETURN(const auto taken,
                   db::TakeRequest(tx, context.landlord(), intake.request, context.method(),
                                   newer ? update.finding.uuid() : update.referral.uuid()));
  if (taken.repeated) {
    const bool was_newer = taken.object_id == update.finding.uuid();
    if (!was_newer && taken.object_id != update.referral.uuid()) return errors::RequestIdReused();
    return was_newer;
  }
  if (newer) {
    RETURN_IF_ERROR(updates.Apply(update, context.now()));
    privacy::AuditEvent event =
        context.Audit("finding", update.finding.uuid(), "outcome of a referral");
    event.household = updates.household();
    privacy::AppendAuditEvent(tx, event);
  }
  return newer;
}

// What was found before the objection is to be helped no further either, unless it is to calls
// only.
void TellReferral(const RequestContext& context, db::WriteTx& tx, const HouseholdChange& change) {
  const auto id = outbox::MessageId::Random();
  outbox::Append(tx, {.landlord = context.landlord(),
                      .id = id,
                      .topic = kObjectionTopic,
                      .subject = change.household.uuid(),
                      .payload = context.seal().Close(OutboxSeal(context.landlord(), id.uuid()),
                                                      ObjectionPayload(change, id.uuid()))});
}

absl::StatusOr<bool> Take(const RequestContext& context, db::WriteTx& tx,
                          const HouseholdChangeIntake& intake) {
  const HouseholdChange& change = intake.change;
  ASSIGN_OR_RETURN(const auto taken,
                   db::TakeRequest(tx, context.landlord(), intake.request, context.method(),
                                   change.household.uuid(), /*same_object=*/true));
  HouseholdChangeStore changes(tx, context.landlord());
  if (taken.repeated) {
    return changes.FindApplied(change).value_or(false);
  }
  const bool applied = changes.Take(change);
  const bool objects = change.kind == HouseholdChangeKind::kObjection && !change.calls_only;
  if (applied && objects) TellReferral(context, tx, change);
  if (applied) {
    privacy::AppendAuditEvent(
        tx, context.Audit("household", change.household.uuid(), "change of the register"));
  }
  return applied;
}

}  // namespace

async::Task<absl::StatusOr<pb::RecordReferralUpdateResponse>> RecordReferralUpdate(
    RequestContext& context, const pb::RecordReferralUpdateRequest& request) {
  CO_ASSIGN_OR_RETURN(const ReferralUpdateIntake intake, FromProto(request));
  const auto applied =
      co_await context.db().Write([&](db::WriteTx& tx) { return Take(context, tx, intake); });
  if (!applied.ok()) co_return applied.status();
  pb::RecordReferralUpdateResponse response;
  response.set_applied(*applied);
  co_return response;
}

async::Task<absl::StatusOr<pb::RecordHouseholdChangeResponse>> RecordHouseholdChange(
    RequestContext& context, const pb::RecordHouseholdChangeRequest& request) {
  CO_ASSIGN_OR_RETURN(const HouseholdChangeIntake intake, FromProto(request));
  const auto applied =
      co_await context.db().Write([&](db::WriteTx& tx) { return Take(context, tx, intake); });
  if (!applied.ok()) co_return applied.status();
  context.WakeRelay();
  pb::RecordHouseholdChangeResponse response;
  response.set_applied(*applied);
  co_return response;
}

}  // namespace veille::call_tracking::handlers
