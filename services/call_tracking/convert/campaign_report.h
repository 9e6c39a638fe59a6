#pragma once

#include "call_tracking/domain/callability.h"
#include "call_tracking/domain/campaign_report.h"
#include "veille/calls/v1/campaign_service.pb.h"

namespace veille::call_tracking {

namespace pb = ::veille::calls::v1;

pb::CampaignReport ToProto(const CampaignReport& report);

pb::ExplainHouseholdResponse ToProto(const CallabilityFacts& facts, const Callability& callability,
                                     const std::vector<Finding>& findings);

}  // namespace veille::call_tracking
