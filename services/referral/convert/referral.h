#pragma once

// Referrals, between the contract and the domain.

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/ids/uuid.h"
#include "referral/convert/paging.h"
#include "referral/domain/referral.h"
#include "veille/referral/v1/referral_service.pb.h"

namespace veille::referral {

namespace pb = ::veille::referral::v1;

struct ReferralCreation {
  ids::RequestId request;
  ReferralDraft draft;
};
struct ObjectionIntake {
  ids::RequestId request;
  Objection objection;
};
struct ReferralListing {
  Page page;
  std::optional<ids::CampaignId> campaign;
  std::optional<ids::PartnerId> partner;
  std::vector<ReferralState> states;
  std::vector<std::string> communes;
  std::vector<Urgency> urgencies;
};

absl::StatusOr<ReferralCreation> FromProto(const pb::CreateReferralRequest& request);
absl::StatusOr<ObjectionIntake> FromProto(const pb::RecordHouseholdObjectionRequest& request);
absl::StatusOr<ids::ReferralId> FromProto(const pb::GetReferralRequest& request);
absl::StatusOr<ReferralListing> FromProto(const pb::ListReferralsRequest& request);

// Absent when it was not read.
std::optional<pb::SharingBasis> ToProto(const SharingBasis& basis);
pb::Assignment ToProto(const Assignment& assignment);
pb::Referral ToProto(const Referral& referral);
// What an act on it answers: without what the tenant said, for which GetReferral wants a reason.
pb::Referral ToProtoOfAct(const Referral& referral);

// The bytes of the RecordReferralUpdateRequest, without its request_id.
std::string ToPayload(const ReferralUpdate& update);

}  // namespace veille::referral
