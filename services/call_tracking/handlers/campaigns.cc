#include "call_tracking/handlers/campaigns.h"

#include "call_tracking/convert/campaign.h"
#include "call_tracking/convert/campaign_report.h"
#include "call_tracking/errors.h"
#include "call_tracking/handlers/opening.h"
#include "call_tracking/store/callability_store.h"
#include "call_tracking/store/campaign_store.h"
#include "call_tracking/store/finding_store.h"
#include "call_tracking/store/report_store.h"
#include "call_tracking/store/script_store.h"
#include "common/db/request_ledger.h"
#include "common/privacy/audit_trail.h"
#include "common/rpc/fields.h"
#include "common/status/macros.h"

namespace veille::call_tracking::handlers {
namespace {

constexpr std::string_view kCampaignPurpose = "running the campaign";

absl::StatusOr<Campaign> Create(const RequestContext& context, db::WriteTx& tx,
                                const CampaignCreation& creation, ids::CampaignId id) {
  ASSIGN_OR_RETURN(const auto taken, db::TakeRequest(tx, context.landlord(), creation.request,
                                                     context.method(), id.uuid()));
  CampaignStore campaigns(tx);
  if (taken.repeated) return campaigns.Get(context.landlord(), ids::CampaignId(taken.object_id));
  CampaignDraft draft = creation.draft;
  const auto script = ScriptStore(tx).Find(context.landlord(), draft.script, draft.script_version);
  if (!script.has_value()) return errors::ScriptNotFound();
  draft.script_version = script->version;
  RETURN_IF_ERROR(CampaignStore::Insert(tx, context.landlord(), id, draft, context.now()));
  privacy::AppendAuditEvent(tx, context.Audit("campaign", id.uuid(), kCampaignPurpose));
  return campaigns.Get(context.landlord(), id);
}

// Pause or resume. A request that was taken before gives the campaign as it stands.
absl::StatusOr<Campaign> Take(const RequestContext& context, db::WriteTx& tx,
                              const CampaignStepRequest& request, CampaignStep step,
                              std::string_view verb) {
  ASSIGN_OR_RETURN(const auto taken,
                   db::TakeRequest(tx, context.landlord(), request.request, context.method(),
                                   request.campaign.uuid(), /*same_object=*/true));
  ASSIGN_OR_RETURN(const Campaign campaign,
                   CampaignStore::Lock(tx, context.landlord(), request.campaign));
  if (taken.repeated) return campaign;
  if (!request.etag.empty() && request.etag != rpc::Etag(campaign.version)) {
    return errors::EtagMismatch();
  }
  const auto next = After(campaign.state, step);
  if (!next.has_value()) return errors::CampaignState(request.campaign, verb);
  if (*next == campaign.state) return campaign;
  CampaignStore::SetState(tx, context.landlord(), request.campaign, *next);
  privacy::AppendAuditEvent(tx,
                            context.Audit("campaign", request.campaign.uuid(), kCampaignPurpose));
  return CampaignStore(tx).Get(context.landlord(), request.campaign);
}

struct Explanation {
  CallabilityFacts facts;
  Callability callability;
  std::vector<Finding> findings;
};

// Reads what was found, and therefore leaves its trace.
absl::StatusOr<Explanation> ExplainOne(const RequestContext& context, db::WriteTx& tx,
                                       const HouseholdInCampaign& asked) {
  ASSIGN_OR_RETURN(const Campaign campaign,
                   CampaignStore(tx).Get(context.landlord(), asked.campaign));
  const auto facts = FindCallability(tx, context.landlord(), asked.campaign, asked.household);
  if (!facts.has_value()) return errors::HouseholdNotFound(asked.household);
  ASSIGN_OR_RETURN(auto findings, ListFindings(tx, context.seal(), context.landlord(),
                                               asked.campaign, asked.household, {}));
  privacy::AppendAuditEvent(tx,
                            context.Audit("household", asked.household.uuid(), kCampaignPurpose));
  return Explanation{*facts, Explain(campaign, *facts, context.now()), std::move(findings)};
}

template <typename Response>
Response AnswerWith(const Campaign& campaign) {
  Response response;
  *response.mutable_campaign() = ToProto(campaign);
  return response;
}

}  // namespace

async::Task<absl::StatusOr<pb::CreateCampaignResponse>> CreateCampaign(
    RequestContext& context, const pb::CreateCampaignRequest& request) {
  CO_ASSIGN_OR_RETURN(const CampaignCreation creation, FromProto(request));
  const auto id = ids::CampaignId::Random();
  auto created = co_await context.db().Write(
      [&](db::WriteTx& tx) { return Create(context, tx, creation, id); });
  CO_ASSIGN_OR_RETURN(const Campaign campaign, std::move(created));
  co_return AnswerWith<pb::CreateCampaignResponse>(campaign);
}

async::Task<absl::StatusOr<pb::OpenCampaignResponse>> OpenCampaign(
    RequestContext& context, const pb::OpenCampaignRequest& request) {
  CO_ASSIGN_OR_RETURN(const CampaignStepRequest step, FromProto(request));
  auto opened = co_await Open(context, step);
  CO_ASSIGN_OR_RETURN(const Campaign campaign, std::move(opened));
  co_return AnswerWith<pb::OpenCampaignResponse>(campaign);
}

async::Task<absl::StatusOr<pb::PauseCampaignResponse>> PauseCampaign(
    RequestContext& context, const pb::PauseCampaignRequest& request) {
  CO_ASSIGN_OR_RETURN(const CampaignStepRequest step, FromProto(request));
  auto paused = co_await context.db().Write(
      [&](db::WriteTx& tx) { return Take(context, tx, step, CampaignStep::kPause, "pause"); });
  CO_ASSIGN_OR_RETURN(const Campaign campaign, std::move(paused));
  co_return AnswerWith<pb::PauseCampaignResponse>(campaign);
}

async::Task<absl::StatusOr<pb::ResumeCampaignResponse>> ResumeCampaign(
    RequestContext& context, const pb::ResumeCampaignRequest& request) {
  CO_ASSIGN_OR_RETURN(const CampaignStepRequest step, FromProto(request));
  auto resumed = co_await context.db().Write(
      [&](db::WriteTx& tx) { return Take(context, tx, step, CampaignStep::kResume, "resume"); });
  CO_ASSIGN_OR_RETURN(const Campaign campaign, std::move(resumed));
  co_return AnswerWith<pb::ResumeCampaignResponse>(campaign);
}

async::Task<absl::StatusOr<pb::GetCampaignResponse>> GetCampaign(
    RequestContext& context, const pb::GetCampaignRequest& request) {
  CO_ASSIGN_OR_RETURN(const ids::CampaignId id, FromProto(request));
  auto read = co_await context.db().Read(
      [&](db::ReadTx& tx) { return CampaignStore(tx).Get(context.landlord(), id); });
  CO_ASSIGN_OR_RETURN(const Campaign campaign, std::move(read));
  co_return AnswerWith<pb::GetCampaignResponse>(campaign);
}

async::Task<absl::StatusOr<pb::ListCampaignsResponse>> ListCampaigns(
    RequestContext& context, const pb::ListCampaignsRequest& request) {
  CO_ASSIGN_OR_RETURN(const CampaignListing listing, FromProto(request));
  // One more than the page holds tells whether there is a next one.
  auto read =
      co_await context.db().Read([&](db::ReadTx& tx) -> absl::StatusOr<std::vector<Campaign>> {
        return CampaignStore(tx).List(context.landlord(), ids::CampaignId(listing.page.after),
                                      listing.page.size + 1, listing.state);
      });
  CO_ASSIGN_OR_RETURN(std::vector<Campaign> campaigns, std::move(read));
  pb::ListCampaignsResponse response;
  if (campaigns.size() > static_cast<size_t>(listing.page.size)) {
    campaigns.pop_back();
    response.set_next_page_token(campaigns.back().id.ToString());
  }
  for (const Campaign& campaign : campaigns) *response.add_campaigns() = ToProto(campaign);
  co_return response;
}

async::Task<absl::StatusOr<pb::GetCampaignReportResponse>> GetCampaignReport(
    RequestContext& context, const pb::GetCampaignReportRequest& request) {
  CO_ASSIGN_OR_RETURN(const ids::CampaignId id, FromProto(request));
  auto read = co_await context.db().Read(
      [&](db::ReadTx& tx) { return ReadReport(tx, context.landlord(), id, context.now()); });
  CO_ASSIGN_OR_RETURN(const CampaignReport report, std::move(read));
  pb::GetCampaignReportResponse response;
  *response.mutable_report() = ToProto(report);
  co_return response;
}

async::Task<absl::StatusOr<pb::ExplainHouseholdResponse>> ExplainHousehold(
    RequestContext& context, const pb::ExplainHouseholdRequest& request) {
  CO_ASSIGN_OR_RETURN(const HouseholdInCampaign asked, FromProto(request));
  auto explained =
      co_await context.db().Write([&](db::WriteTx& tx) { return ExplainOne(context, tx, asked); });
  CO_ASSIGN_OR_RETURN(const Explanation explanation, std::move(explained));
  co_return ToProto(explanation.facts, explanation.callability, explanation.findings);
}

}  // namespace veille::call_tracking::handlers
