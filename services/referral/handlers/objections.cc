#include "referral/handlers/objections.h"

#include <utility>

#include "common/db/request_ledger.h"
#include "common/status/macros.h"
#include "referral/assignment/assigner.h"
#include "referral/convert/referral.h"
#include "referral/store/objection_store.h"
#include "referral/store/referral_audit.h"

namespace veille::referral::handlers {
namespace {

constexpr char kObjectionPurpose[] = "objection of the person";

absl::Status TakeObjection(db::WriteTx& tx, const RequestContext& context,
                           const ObjectionIntake& intake) {
  const Objection& objection = intake.objection;
  ASSIGN_OR_RETURN(const auto taken,
                   db::TakeRequest(tx, context.landlord(), intake.request, context.method(),
                                   objection.household.uuid(), /*same_object=*/true));
  ObjectionStore objections(tx, context.landlord());
  if (taken.repeated || !objections.Take(objection, context.now())) return absl::OkStatus();
  const std::vector<ids::ReferralId> open = objections.LockOpen(objection);
  RETURN_IF_ERROR(
      Assigner(tx, context.seal(), context.landlord(), context.now()).WithdrawObjected(open));
  privacy::AuditEvent event =
      context.Audit("household", objection.household.uuid(), kObjectionPurpose);
  event.household = objection.household;
  privacy::AppendAuditEvent(tx, event);
  AppendReferralEvents(tx, event, open);
  return absl::OkStatus();
}

}  // namespace

async::Task<absl::StatusOr<pb::RecordHouseholdObjectionResponse>> RecordHouseholdObjection(
    RequestContext& context, const pb::RecordHouseholdObjectionRequest& request) {
  CO_ASSIGN_OR_RETURN(const ObjectionIntake intake, FromProto(request));
  CO_RETURN_IF_ERROR(co_await context.db().Write(
      [&](db::WriteTx& tx) { return TakeObjection(tx, context, intake); }));
  context.WakeLoops();
  co_return pb::RecordHouseholdObjectionResponse();
}

}  // namespace veille::referral::handlers
