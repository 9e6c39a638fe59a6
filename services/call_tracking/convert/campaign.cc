#include "call_tracking/convert/campaign.h"

#include <algorithm>
#include <cctype>
#include <set>

#include "absl/strings/str_cat.h"
#include "common/rpc/acknowledge_deadlines.h"
#include "common/rpc/fields.h"
#include "common/status/macros.h"

namespace veille::call_tracking {
namespace {

using rpc::At;
using rpc::CheckCount;
using rpc::Etag;
using rpc::In;
using rpc::ReadDate;
using rpc::ReadEnum;
using rpc::ReadId;
using rpc::ReadNumber;
using rpc::ReadPage;
using rpc::ReadRequestId;
using rpc::ReadText;
using rpc::ReadTime;
using rpc::Violations;

constexpr int kMostCommunes = 1000;
constexpr int kMostBuildings = 1000;
constexpr int kMostWindows = 28;
constexpr absl::Duration kLongestPeriod = absl::Hours(24 * 366);
constexpr absl::Duration kLongestDelay = absl::Hours(24 * 30);
constexpr int kMostWeeklyDays = 28;
constexpr absl::Duration kLongestGrace = absl::Hours(24 * 7);

// Five characters, a digit first; the second is A or B in Corsica.
bool IsInseeCode(const std::string& code) {
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  return code.size() == 5 && digit(code[0]) &&
         (digit(code[1]) || code[1] == 'A' || code[1] == 'B') &&
         std::all_of(code.begin() + 2, code.end(), digit);
}

CohortRule ReadRule(const pb::CohortRule& proto, Violations& violations) {
  CohortRule rule;
  rule.minimum_age = static_cast<int>(
      ReadNumber("campaign.cohort_rule.minimum_age", proto.minimum_age(), 0, 120, violations));
  rule.reference_date = ReadDate("campaign.cohort_rule.reference_date", proto.has_reference_date(),
                                 proto.reference_date(), violations);
  const std::string communes = "campaign.cohort_rule.commune_codes";
  CheckCount(communes, proto.commune_codes_size(), 0, kMostCommunes, violations);
  for (int i = 0; i < std::min(proto.commune_codes_size(), kMostCommunes); ++i) {
    if (!IsInseeCode(proto.commune_codes(i))) {
      violations.Add(At(communes, i), "is not an INSEE code of 5 characters, such as 31555");
    }
    rule.commune_codes.push_back(proto.commune_codes(i));
  }
  const std::string buildings = "campaign.cohort_rule.buildings";
  CheckCount(buildings, proto.buildings_size(), 0, kMostBuildings, violations);
  for (int i = 0; i < std::min(proto.buildings_size(), kMostBuildings); ++i) {
    rule.buildings.push_back(ReadText(At(buildings, i), proto.buildings(i), 1, 200, violations));
  }
  return rule;
}

CallWindow ReadWindow(const std::string& field, const veille::common::v1::TimeWindow& proto,
                      Violations& violations) {
  CallWindow window;
  window.weekday = ReadEnum<veille::common::v1::Weekday>(
      In(field, "weekday"), proto.weekday(), veille::common::v1::Weekday_IsValid, violations);
  window.start_minute = static_cast<int>(
      ReadNumber(In(field, "start_minute"), proto.start_minute(), 0, 1439, violations));
  if (proto.end_minute() <= proto.start_minute() || proto.end_minute() > 1440) {
    violations.Add(In(field, "end_minute"), "must be after start_minute, at most 1440");
  }
  window.end_minute = proto.end_minute();
  return window;
}

std::vector<CallWindow> ReadCallHours(const pb::Campaign& proto, Violations& violations) {
  const std::string field = "campaign.call_hours";
  CheckCount(field, proto.call_hours_size(), 0, kMostWindows, violations);
  std::vector<CallWindow> windows;
  for (int i = 0; i < std::min(proto.call_hours_size(), kMostWindows); ++i) {
    const CallWindow window = ReadWindow(At(field, i), proto.call_hours(i), violations);
    for (const CallWindow& other : windows) {
      if (window.weekday != 0 && window.weekday == other.weekday &&
          window.start_minute < other.end_minute && other.start_minute < window.end_minute) {
        violations.Add(At(field, i), "overlaps another window");
        break;
      }
    }
    windows.push_back(window);
  }
  return windows;
}

// `most` days at most, in whole seconds, as it is stored.
absl::Duration ReadDelay(const std::string& field, const google::protobuf::Duration& proto,
                         absl::Duration most, Violations& violations) {
  const absl::Duration delay = absl::Seconds(proto.seconds()) + absl::Nanoseconds(proto.nanos());
  if (proto.seconds() < 0 || proto.nanos() < 0 || proto.nanos() > 999'999'999 || delay > most) {
    violations.Add(field, absl::StrCat("must be 0 s to ", most / absl::Hours(24), " days"));
    return absl::ZeroDuration();
  }
  return absl::Ceil(delay, absl::Seconds(1));
}

std::vector<RetryRule> ReadRetryRules(const pb::Campaign& proto, Violations& violations) {
  std::vector<RetryRule> rules;
  std::set<int> seen;
  CheckCount("campaign.retry_rules", proto.retry_rules_size(), 0, pb::Disposition_ARRAYSIZE - 1,
             violations);
  for (int i = 0; i < std::min<int>(proto.retry_rules_size(), pb::Disposition_ARRAYSIZE); ++i) {
    const pb::RetryRule& given = proto.retry_rules(i);
    const std::string field = At("campaign.retry_rules", i);
    RetryRule rule;
    rule.disposition = ReadEnum<pb::Disposition>(In(field, "disposition"), given.disposition(),
                                                 pb::Disposition_IsValid, violations);
    if (rule.disposition != 0 && !seen.insert(rule.disposition).second) {
      violations.Add(In(field, "disposition"), "has a rule already");
    }
    rule.delay = ReadDelay(In(field, "delay"), given.delay(), kLongestDelay, violations);
    rule.maximum_attempts = static_cast<int>(
        ReadNumber(In(field, "maximum_attempts"), given.maximum_attempts(), 1, 50, violations));
    rule.next_phone = given.next_phone();
    rules.push_back(rule);
  }
  return rules;
}

WeeklyCadence ReadWeekly(const pb::WeeklyCadence& proto, Violations& violations) {
  const std::string field = "campaign.weekly_cadence";
  WeeklyCadence weekly;
  const auto days =
      ReadNumber(In(field, "interval_days"), proto.interval_days(), 0, kMostWeeklyDays, violations);
  if (days > 0) weekly.interval_days = static_cast<int>(days);
  if (proto.has_grace()) {
    weekly.grace = ReadDelay(In(field, "grace"), proto.grace(), kLongestGrace, violations);
  }
  return weekly;
}

void ReadPeriod(const pb::Campaign& proto, CampaignDraft& draft, Violations& violations) {
  draft.start_time =
      ReadTime("campaign.start_time", proto.has_start_time(), proto.start_time(), violations);
  draft.end_time =
      ReadTime("campaign.end_time", proto.has_end_time(), proto.end_time(), violations);
  if (!proto.has_start_time() || !proto.has_end_time()) return;
  if (draft.end_time <= draft.start_time || draft.end_time > draft.start_time + kLongestPeriod) {
    violations.Add("campaign.end_time", "must be after start_time, by 366 days at most");
  }
}

CampaignDraft ReadDraft(const pb::Campaign& proto, Violations& violations) {
  CampaignDraft draft;
  draft.title = ReadText("campaign.title", proto.title(), 1, 200, violations);
  draft.purpose = ReadText("campaign.purpose", proto.purpose(), 1, 2000, violations);
  if (proto.has_cohort_rule()) {
    draft.rule = ReadRule(proto.cohort_rule(), violations);
  } else {
    violations.Add("campaign.cohort_rule", "is required");
  }
  draft.script = ReadId<ScriptId>("campaign.script_id", proto.script_id(), violations);
  draft.script_version = static_cast<int>(
      ReadNumber("campaign.script_version", proto.script_version(), 0, INT32_MAX, violations));
  ReadPeriod(proto, draft, violations);
  draft.call_hours = ReadCallHours(proto, violations);
  draft.retry_rules = ReadRetryRules(proto, violations);
  draft.weekly = ReadWeekly(proto.weekly_cadence(), violations);
  draft.deadlines = rpc::ReadAcknowledgeDeadlines("campaign.acknowledge_deadlines",
                                                  proto.has_acknowledge_deadlines(),
                                                  proto.acknowledge_deadlines(), violations);
  return draft;
}

template <typename Request>
absl::StatusOr<CampaignStepRequest> ReadStep(const Request& request) {
  Violations violations;
  const CampaignStepRequest step{
      .request = ReadRequestId(request.request_id(), violations),
      .campaign = ReadId<ids::CampaignId>("campaign_id", request.campaign_id(), violations),
      .etag = ReadText("etag", request.etag(), 0, 64, violations)};
  RETURN_IF_ERROR(violations.ToStatus());
  return step;
}

template <typename Request>
absl::StatusOr<ids::CampaignId> ReadCampaignId(const Request& request) {
  Violations violations;
  const auto id = ReadId<ids::CampaignId>("campaign_id", request.campaign_id(), violations);
  RETURN_IF_ERROR(violations.ToStatus());
  return id;
}

void SetDuration(absl::Duration duration, google::protobuf::Duration& proto) {
  proto.set_seconds(absl::ToInt64Seconds(duration));
  proto.set_nanos(static_cast<int32_t>((duration % absl::Seconds(1)) / absl::Nanoseconds(1)));
}

}  // namespace

absl::StatusOr<CampaignCreation> FromProto(const pb::CreateCampaignRequest& request) {
  Violations violations;
  CampaignCreation creation;
  creation.request = ReadRequestId(request.request_id(), violations);
  if (request.has_campaign()) {
    creation.draft = ReadDraft(request.campaign(), violations);
  } else {
    violations.Add("campaign", "is required");
  }
  RETURN_IF_ERROR(violations.ToStatus());
  return creation;
}

absl::StatusOr<CampaignStepRequest> FromProto(const pb::OpenCampaignRequest& request) {
  return ReadStep(request);
}
absl::StatusOr<CampaignStepRequest> FromProto(const pb::PauseCampaignRequest& request) {
  return ReadStep(request);
}
absl::StatusOr<CampaignStepRequest> FromProto(const pb::ResumeCampaignRequest& request) {
  return ReadStep(request);
}
absl::StatusOr<ids::CampaignId> FromProto(const pb::GetCampaignRequest& request) {
  return ReadCampaignId(request);
}
absl::StatusOr<ids::CampaignId> FromProto(const pb::GetCampaignReportRequest& request) {
  return ReadCampaignId(request);
}

absl::StatusOr<ids::CampaignId> FromProto(const pb::WatchCampaignRequest& request) {
  return ReadCampaignId(request);
}

absl::StatusOr<CampaignListing> FromProto(const pb::ListCampaignsRequest& request) {
  Violations violations;
  CampaignListing listing;
  listing.page = ReadPage(request.page_size(), request.page_token(), violations);
  if (request.state() != pb::CAMPAIGN_STATE_UNSPECIFIED) {
    listing.state = static_cast<CampaignState>(ReadEnum<pb::CampaignState>(
        "state", request.state(), pb::CampaignState_IsValid, violations));
  }
  RETURN_IF_ERROR(violations.ToStatus());
  return listing;
}

absl::StatusOr<HouseholdInCampaign> FromProto(const pb::ExplainHouseholdRequest& request) {
  Violations violations;
  const HouseholdInCampaign asked{
      .campaign = ReadId<ids::CampaignId>("campaign_id", request.campaign_id(), violations),
      .household = ReadId<ids::HouseholdId>("household_id", request.household_id(), violations)};
  RETURN_IF_ERROR(violations.ToStatus());
  return asked;
}

pb::CohortRule ToProto(const CohortRule& rule) {
  pb::CohortRule proto;
  proto.set_minimum_age(rule.minimum_age);
  *proto.mutable_reference_date() = rpc::ToProto(rule.reference_date);
  for (const std::string& code : rule.commune_codes) proto.add_commune_codes(code);
  for (const std::string& building : rule.buildings) proto.add_buildings(building);
  return proto;
}

pb::LeftOutCounts ToProto(const LeftOutCounts& counts) {
  pb::LeftOutCounts proto;
  proto.set_under_age(counts.under_age);
  proto.set_objection(counts.objection);
  proto.set_no_valid_phone(counts.no_valid_phone);
  return proto;
}

pb::Campaign ToProto(const Campaign& campaign) {
  const CampaignDraft& draft = campaign.draft;
  pb::Campaign proto;
  proto.set_campaign_id(campaign.id.ToString());
  proto.set_title(draft.title);
  proto.set_purpose(draft.purpose);
  proto.set_state(static_cast<pb::CampaignState>(campaign.state));
  *proto.mutable_cohort_rule() = ToProto(draft.rule);
  proto.set_script_id(draft.script.ToString());
  proto.set_script_version(draft.script_version);
  *proto.mutable_start_time() = rpc::ToProto(draft.start_time);
  *proto.mutable_end_time() = rpc::ToProto(draft.end_time);
  for (const CallWindow& window : draft.call_hours) {
    auto& added = *proto.add_call_hours();
    added.set_weekday(static_cast<veille::common::v1::Weekday>(window.weekday));
    added.set_start_minute(window.start_minute);
    added.set_end_minute(window.end_minute);
  }
  for (const RetryRule& rule : draft.retry_rules) {
    auto& added = *proto.add_retry_rules();
    added.set_disposition(static_cast<pb::Disposition>(rule.disposition));
    SetDuration(rule.delay, *added.mutable_delay());
    added.set_maximum_attempts(rule.maximum_attempts);
    added.set_next_phone(rule.next_phone);
  }
  proto.mutable_weekly_cadence()->set_interval_days(draft.weekly.interval_days);
  SetDuration(draft.weekly.grace, *proto.mutable_weekly_cadence()->mutable_grace());
  if (draft.deadlines.has_value()) {
    *proto.mutable_acknowledge_deadlines() = rpc::ToProto(*draft.deadlines);
  }
  proto.set_etag(Etag(campaign.version));
  *proto.mutable_create_time() = rpc::ToProto(campaign.create_time);
  if (campaign.open_time.has_value()) {
    proto.set_selected(campaign.selected);
    *proto.mutable_left_out() = ToProto(campaign.left_out);
    *proto.mutable_open_time() = rpc::ToProto(*campaign.open_time);
  }
  return proto;
}

}  // namespace veille::call_tracking
