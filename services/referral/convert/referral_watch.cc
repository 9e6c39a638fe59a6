#include "referral/convert/referral_watch.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/status/macros.h"
#include "referral/convert/fields.h"

namespace veille::referral {
namespace {

constexpr size_t kLongestToken = 200;

std::optional<ChangePlace> PlaceOf(const std::string& token) {
  if (token.size() > kLongestToken) return std::nullopt;
  const std::vector<std::string> parts = absl::StrSplit(token, '.');
  if (parts.size() != 3) return std::nullopt;
  ChangePlace place;
  const auto referral = ids::ReferralId::Parse(parts[1]);
  if (!referral.has_value() || !absl::SimpleAtoi(parts[0], &place.transaction) ||
      !absl::SimpleAtoi(parts[2], &place.version) || place.transaction < 0 || place.version < 0) {
    return std::nullopt;
  }
  place.referral = *referral;
  return place;
}

}  // namespace

absl::StatusOr<ReferralWatch> FromProto(const pb::WatchReferralsRequest& request) {
  Violations violations;
  ReferralWatch watch;
  if (!request.resume_token().empty()) {
    watch.after = PlaceOf(request.resume_token());
    if (!watch.after.has_value()) violations.Add("resume_token", "is not one of an answer");
  }
  if (!request.campaign_id().empty()) {
    watch.campaign = ReadId<ids::CampaignId>("campaign_id", request.campaign_id(), violations);
  }
  watch.states = ReadStates(request.states(), violations);
  RETURN_IF_ERROR(violations.ToStatus());
  return watch;
}

bool IsAskedFor(const ReferralWatch& watch, const ReferralChange& change) {
  return (!watch.campaign.has_value() || change.campaign == *watch.campaign) &&
         (watch.states.empty() ||
          std::find(watch.states.begin(), watch.states.end(), change.state) != watch.states.end());
}

pb::ReferralChange ToProto(const ReferralChange& change) {
  pb::ReferralChange proto;
  proto.set_referral_id(change.place.referral.ToString());
  proto.set_version(change.place.version);
  proto.set_state(static_cast<::veille::common::v1::ReferralState>(change.state));
  proto.set_campaign_id(change.campaign.ToString());
  proto.set_urgency(static_cast<::veille::common::v1::Urgency>(change.urgency));
  if (!change.partner.is_nil()) proto.set_partner_id(change.partner.ToString());
  proto.set_assignment_fence(change.fence);
  *proto.mutable_change_time() = ToProto(change.change_time);
  return proto;
}

std::string ResumeToken(const ChangePlace& place) {
  return absl::StrCat(place.transaction, ".", place.referral.ToString(), ".", place.version);
}

}  // namespace veille::referral
