#include <utility>

#include "call_tracking/convert/flagged_case.h"
#include "call_tracking/errors.h"
#include "call_tracking/handlers/calls.h"
#include "call_tracking/store/finding_store.h"
#include "common/privacy/audit_trail.h"
#include "common/status/macros.h"

namespace veille::call_tracking::handlers {
namespace {

constexpr std::string_view kOutcomePurpose = "outcomes of own calls";

// Reads what was found, and therefore leaves its trace.
absl::StatusOr<std::vector<FlaggedCase>> ListOwn(const RequestContext& context, db::WriteTx& tx,
                                                 const OutcomeListing& listing) {
  ASSIGN_OR_RETURN(auto listed,
                   ListFlagged(tx, context.seal(), context.landlord(), listing.campaign,
                               context.caller().subject, ids::FindingId(listing.page.after),
                               listing.page.size + 1));
  if (!listed.has_value()) return errors::VolunteerNotEnrolled();
  std::vector<privacy::AuditedObject> shown;
  for (const FlaggedCase& flagged : *listed) {
    if (shown.size() == static_cast<size_t>(listing.page.size)) break;  // the next page's
    shown.push_back({flagged.household.uuid()});
  }
  privacy::AppendAuditEvents(tx, context.Audit("household", {}, kOutcomePurpose), shown);
  return *std::move(listed);
}

}  // namespace

async::Task<absl::StatusOr<pb::ListMyOutcomesResponse>> ListMyOutcomes(
    RequestContext& context, const pb::ListMyOutcomesRequest& request) {
  CO_ASSIGN_OR_RETURN(const OutcomeListing listing, FromProto(request));
  auto listed =
      co_await context.db().Write([&](db::WriteTx& tx) { return ListOwn(context, tx, listing); });
  CO_ASSIGN_OR_RETURN(std::vector<FlaggedCase> cases, std::move(listed));
  pb::ListMyOutcomesResponse response;
  if (cases.size() > static_cast<size_t>(listing.page.size)) {
    cases.pop_back();
    response.set_next_page_token(cases.back().finding.id.ToString());
  }
  for (const FlaggedCase& flagged : cases) *response.add_cases() = ToProto(flagged);
  co_return response;
}

}  // namespace veille::call_tracking::handlers
