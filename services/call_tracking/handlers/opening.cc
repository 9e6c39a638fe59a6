#include "call_tracking/handlers/opening.h"

#include <utility>

#include "call_tracking/domain/call_hours.h"
#include "call_tracking/errors.h"
#include "call_tracking/store/campaign_store.h"
#include "call_tracking/store/cohort_store.h"
#include "common/db/request_ledger.h"
#include "common/privacy/audit_trail.h"
#include "common/rpc/fields.h"
#include "common/status/macros.h"
#include "common/telemetry/log.h"

namespace veille::call_tracking::handlers {
namespace {

// What the answer, and the last transaction before it, need of the caller's time.
constexpr absl::Duration kOwnTime = absl::Milliseconds(200);

// A campaign that is opening, and where its drawing stands.
struct Opening {
  Campaign campaign;
  DrawingStanding drawing;
};

// DRAFT becomes OPENING; what is opening or runs already is given back as it is.
absl::StatusOr<Opening> Begin(RequestContext& context, db::WriteTx& tx,
                              const CampaignStepRequest& step) {
  ASSIGN_OR_RETURN(const auto taken,
                   db::TakeRequest(tx, context.landlord(), step.request, context.method(),
                                   step.campaign.uuid(), /*same_object=*/true));
  ASSIGN_OR_RETURN(Campaign campaign, CampaignStore::Lock(tx, context.landlord(), step.campaign));
  const auto next = After(campaign.state, CampaignStep::kOpen);
  if (!next.has_value()) {
    if (taken.repeated) return Opening{std::move(campaign), {}};
    return errors::CampaignState(step.campaign, "open");
  }
  if (!taken.repeated && !step.etag.empty() && step.etag != rpc::Etag(campaign.version)) {
    return errors::EtagMismatch();
  }
  if (*next != campaign.state) {
    CampaignStore::SetState(tx, context.landlord(), step.campaign, *next);
    campaign.state = *next;
    privacy::AppendAuditEvent(
        tx, context.Audit("campaign", step.campaign.uuid(), "running the campaign"));
  }
  const DrawingStanding drawing = CohortStore(tx, context.landlord(), step.campaign).GetStanding();
  return Opening{std::move(campaign), drawing};
}

// A registry that does not answer well is unavailable to the coordinator, whatever it said.
absl::Status RegistryFailed(const RequestContext& context, const absl::Status& status) {
  if (context.stop().stop_requested()) return errors::Cancelled();
  log::Warning("drawing a cohort failed", {{"code", status.code()}});
  return errors::RegistryUnavailable();
}

// Stores a page. False when the drawing stands elsewhere by now.
async::Task<absl::StatusOr<bool>> Store(RequestContext& context, ids::CampaignId campaign,
                                        ids::HouseholdId cursor, const CohortPage& page) {
  auto stored = co_await context.db().Write([&](db::WriteTx& tx) -> absl::StatusOr<bool> {
    RETURN_IF_ERROR(CampaignStore::Lock(tx, context.landlord(), campaign).status());
    return CohortStore(tx, context.landlord(), campaign).AddPage(cursor, page);
  });
  co_return stored;
}

// Draws from where the drawing stands to its end. False when somebody else draws too: look again.
async::Task<absl::StatusOr<bool>> Draw(RequestContext& context, const Opening& opening) {
  const rpc::Outgoing outgoing{.landlord = context.landlord(),
                               .deadline = context.deadline() - kOwnTime,
                               .stop = context.stop()};
  RegistryClient::Drawing drawing(context.registry(), opening.campaign.draft.rule,
                                  opening.drawing.cursor, outgoing, context.executor());
  ids::HouseholdId cursor = opening.drawing.cursor;
  for (;;) {
    const auto page = co_await drawing.Next();
    if (!page.ok()) co_return RegistryFailed(context, page.status());
    if (!page->has_value()) co_return true;
    if ((*page)->last.is_nil()) continue;  // nothing was judged after the cursor
    const auto stored = co_await Store(context, opening.campaign.id, cursor, **page);
    if (!stored.ok()) co_return stored.status();
    if (!*stored) co_return false;
    cursor = (*page)->last;
  }
}

// The whole cohort is stored: the campaign runs, unless it has nobody to call.
absl::StatusOr<Campaign> Freeze(RequestContext& context, db::WriteTx& tx, ids::CampaignId id) {
  ASSIGN_OR_RETURN(Campaign campaign, CampaignStore::Lock(tx, context.landlord(), id));
  if (campaign.state != CampaignState::kOpening) return campaign;  // by somebody else, or before
  CohortStore cohort(tx, context.landlord(), id);
  if (campaign.selected == 0) {
    cohort.Clear();
    campaign.state = CampaignState::kDraft;
    return campaign;
  }
  std::vector<ZoneSpan> zones;
  for (const std::string& name : cohort.ListTimeZones()) {
    zones.push_back(
        {name, CurrentOrNextSpan(campaign.draft.call_hours, campaign.draft.start_time,
                                 campaign.draft.end_time, ZoneOf(name), context.now())});
  }
  cohort.Freeze(zones, context.now());
  return CampaignStore(tx).Get(context.landlord(), id);
}

}  // namespace

async::Task<absl::StatusOr<Campaign>> Open(RequestContext& context, CampaignStepRequest step) {
  for (;;) {
    auto begun =
        co_await context.db().Write([&](db::WriteTx& tx) { return Begin(context, tx, step); });
    CO_ASSIGN_OR_RETURN(Opening opening, std::move(begun));
    if (opening.campaign.state != CampaignState::kOpening) co_return std::move(opening.campaign);
    const auto drawn = co_await Draw(context, opening);
    if (!drawn.ok()) co_return drawn.status();
    if (*drawn) break;
  }
  auto frozen = co_await context.db().Write(
      [&](db::WriteTx& tx) { return Freeze(context, tx, step.campaign); });
  CO_ASSIGN_OR_RETURN(Campaign campaign, std::move(frozen));
  if (campaign.state == CampaignState::kDraft) co_return errors::CohortEmpty(step.campaign);
  co_return campaign;
}

}  // namespace veille::call_tracking::handlers
