#pragma once

// Campaigns: created, opened, paused, reported on. What each RPC does, and its errors, stands in
// the contract (veille/calls/v1/campaign_service.proto).

#include "absl/status/statusor.h"
#include "call_tracking/request_context.h"
#include "common/async/task.h"
#include "veille/calls/v1/campaign_service.pb.h"

namespace veille::call_tracking::handlers {

namespace pb = ::veille::calls::v1;

async::Task<absl::StatusOr<pb::CreateCampaignResponse>> CreateCampaign(
    RequestContext& context, const pb::CreateCampaignRequest& request);
async::Task<absl::StatusOr<pb::OpenCampaignResponse>> OpenCampaign(
    RequestContext& context, const pb::OpenCampaignRequest& request);
async::Task<absl::StatusOr<pb::PauseCampaignResponse>> PauseCampaign(
    RequestContext& context, const pb::PauseCampaignRequest& request);
async::Task<absl::StatusOr<pb::ResumeCampaignResponse>> ResumeCampaign(
    RequestContext& context, const pb::ResumeCampaignRequest& request);
async::Task<absl::StatusOr<pb::GetCampaignResponse>> GetCampaign(
    RequestContext& context, const pb::GetCampaignRequest& request);
async::Task<absl::StatusOr<pb::ListCampaignsResponse>> ListCampaigns(
    RequestContext& context, const pb::ListCampaignsRequest& request);
async::Task<absl::StatusOr<pb::GetCampaignReportResponse>> GetCampaignReport(
    RequestContext& context, const pb::GetCampaignReportRequest& request);
async::Task<absl::StatusOr<pb::ExplainHouseholdResponse>> ExplainHousehold(
    RequestContext& context, const pb::ExplainHouseholdRequest& request);

}  // namespace veille::call_tracking::handlers
