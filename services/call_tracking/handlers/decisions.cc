#include "call_tracking/handlers/decisions.h"

#include <utility>

#include "call_tracking/convert/decision.h"
#include "call_tracking/errors.h"
#include "call_tracking/store/campaign_store.h"
#include "call_tracking/store/decision_store.h"
#include "common/db/request_ledger.h"
#include "common/privacy/audit_trail.h"
#include "common/rpc/fields.h"
#include "common/status/macros.h"

namespace veille::call_tracking::handlers {
namespace {

constexpr std::string_view kDecisionPurpose = "decision of a coordinator";

// Reads what was found, and therefore leaves its trace.
absl::StatusOr<std::vector<Decision>> List(const RequestContext& context, db::WriteTx& tx,
                                           const DecisionListing& listing) {
  RETURN_IF_ERROR(CampaignStore(tx).Get(context.landlord(), listing.campaign).status());
  privacy::AppendAuditEvent(
      tx, context.Audit("decision list", listing.campaign.uuid(), kDecisionPurpose));
  ASSIGN_OR_RETURN(std::vector<Decision> decisions,
                   DecisionStore(tx, context.seal(), context.landlord(), listing.campaign)
                       .List(ids::HouseholdId(listing.page.after), listing.page.size + 1));
  std::vector<privacy::AuditedObject> shown;
  for (const Decision& decision : decisions) {
    if (shown.size() == static_cast<size_t>(listing.page.size)) break;  // the next page's
    shown.push_back({decision.household.uuid()});
  }
  privacy::AppendAuditEvents(tx, context.Audit("household", {}, kDecisionPurpose), shown);
  return decisions;
}

absl::StatusOr<HouseholdStanding> Decide(const RequestContext& context, db::WriteTx& tx,
                                         const DecisionRequest& request) {
  ASSIGN_OR_RETURN(const auto taken,
                   db::TakeRequest(tx, context.landlord(), request.request, context.method(),
                                   request.household.uuid(), /*same_object=*/true));
  const HouseholdKey key{context.landlord(), request.campaign, request.household};
  DecisionStore decisions(tx, context.seal(), context.landlord(), request.campaign);
  ASSIGN_OR_RETURN(const auto standing, decisions.Lock(request.household));
  if (!standing.has_value()) return errors::HouseholdNotFound(request.household);
  if (taken.repeated) return *standing;
  if (decisions.ReadEtag(request.household) != request.etag) return errors::EtagMismatch();
  decisions.End({.id = request.request,
                 .household = request.household,
                 .reason = standing->decision,
                 .decider = context.caller().subject,
                 .note = request.note,
                 .now = context.now()});
  const HouseholdStanding decided = Decided(*standing, DecisionReason::kNone);
  StoreStanding(tx, context.seal(), key, decided, context.now());
  privacy::AppendAuditEvent(tx,
                            context.Audit("household", request.household.uuid(), kDecisionPurpose));
  return decided;
}

}  // namespace

async::Task<absl::StatusOr<pb::ListDecisionsResponse>> ListDecisions(
    RequestContext& context, const pb::ListDecisionsRequest& request) {
  CO_ASSIGN_OR_RETURN(const DecisionListing listing, FromProto(request));
  auto listed =
      co_await context.db().Write([&](db::WriteTx& tx) { return List(context, tx, listing); });
  CO_ASSIGN_OR_RETURN(std::vector<Decision> decisions, std::move(listed));
  pb::ListDecisionsResponse response;
  if (decisions.size() > static_cast<size_t>(listing.page.size)) {
    decisions.pop_back();
    response.set_next_page_token(decisions.back().household.ToString());
  }
  for (const Decision& decision : decisions) {
    CO_ASSIGN_OR_RETURN(*response.add_decisions(), ToProto(decision));
  }
  co_return response;
}

async::Task<absl::StatusOr<pb::DecideHouseholdResponse>> DecideHousehold(
    RequestContext& context, const pb::DecideHouseholdRequest& request) {
  CO_ASSIGN_OR_RETURN(const DecisionRequest decision, FromProto(request));
  auto decided =
      co_await context.db().Write([&](db::WriteTx& tx) { return Decide(context, tx, decision); });
  CO_ASSIGN_OR_RETURN(const HouseholdStanding household, std::move(decided));
  pb::DecideHouseholdResponse response;
  response.set_household_state(static_cast<pb::HouseholdState>(household.state));
  if (WaitsForCall(household.state) && household.next_attempt_time.has_value()) {
    *response.mutable_next_attempt_time() = rpc::ToProto(*household.next_attempt_time);
  }
  co_return response;
}

}  // namespace veille::call_tracking::handlers
