#pragma once

// What a campaign achieved so far; veille/calls/v1/campaign_report.proto defines each figure.

#include <cstdint>
#include <map>

#include "call_tracking/domain/call.h"
#include "call_tracking/domain/campaign.h"
#include "call_tracking/domain/referral_update.h"

namespace veille::call_tracking {

struct CampaignReport {
  ids::CampaignId campaign;
  CampaignState state = CampaignState::kDraft;
  absl::Time report_time;
  int64_t selected = 0;
  LeftOutCounts left_out;
  int64_t attempts = 0;
  std::map<Disposition, int64_t> dispositions;
  int64_t reached = 0;
  int64_t completed = 0;
  int64_t refused = 0;
  int64_t not_reached = 0;
  int64_t needs_decision = 0;
  int64_t weekly_calls = 0;
  int64_t not_called = 0;
  int64_t needs_found = 0;
  int64_t needs_shared = 0;
  std::map<ReferralState, int64_t> referrals;
  int64_t late_records = 0;
};

}  // namespace veille::call_tracking
