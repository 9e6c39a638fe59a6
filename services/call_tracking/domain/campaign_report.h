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
  absl::Time end_time;  // of the campaign
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
  std::map<HouseholdState, int64_t> households;  // selected ones, by where they stand

  // Selected or left out.
  int64_t drawn() const {
    return selected + left_out.under_age + left_out.objection + left_out.no_valid_phone;
  }
};

// Whether nothing is called any more.
inline bool IsOver(const CampaignReport& report) {
  return report.state == CampaignState::kClosed || report.report_time >= report.end_time;
}

}  // namespace veille::call_tracking
