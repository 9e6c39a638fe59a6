#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "call_tracking/domain/campaign.h"
#include "common/ids/uuid.h"
#include "common/rpc/paging.h"
#include "veille/calls/v1/campaign_service.pb.h"

namespace veille::call_tracking {

namespace pb = ::veille::calls::v1;

struct CampaignCreation {
  ids::RequestId request;
  CampaignDraft draft;
};
absl::StatusOr<CampaignCreation> FromProto(const pb::CreateCampaignRequest& request);

// Open, pause or resume.
struct CampaignStepRequest {
  ids::RequestId request;
  ids::CampaignId campaign;
  std::string etag;  // empty: not checked
};
absl::StatusOr<CampaignStepRequest> FromProto(const pb::OpenCampaignRequest& request);
absl::StatusOr<CampaignStepRequest> FromProto(const pb::PauseCampaignRequest& request);
absl::StatusOr<CampaignStepRequest> FromProto(const pb::ResumeCampaignRequest& request);

absl::StatusOr<ids::CampaignId> FromProto(const pb::GetCampaignRequest& request);
absl::StatusOr<ids::CampaignId> FromProto(const pb::GetCampaignReportRequest& request);
absl::StatusOr<ids::CampaignId> FromProto(const pb::WatchCampaignRequest& request);

struct CampaignListing {
  rpc::Page page;
  std::optional<CampaignState> state;
};
absl::StatusOr<CampaignListing> FromProto(const pb::ListCampaignsRequest& request);

struct HouseholdInCampaign {
  ids::CampaignId campaign;
  ids::HouseholdId household;
};
absl::StatusOr<HouseholdInCampaign> FromProto(const pb::ExplainHouseholdRequest& request);

pb::Campaign ToProto(const Campaign& campaign);
pb::CohortRule ToProto(const CohortRule& rule);
pb::LeftOutCounts ToProto(const LeftOutCounts& counts);

}  // namespace veille::call_tracking
