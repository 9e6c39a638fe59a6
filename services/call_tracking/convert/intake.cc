#include "call_tracking/convert/intake.h"

#include <algorithm>
#include <limits>

#include "call_tracking/domain/household.h"
#include "common/rpc/fields.h"
#include "common/status/macros.h"

namespace veille::call_tracking {
namespace {

using rpc::At;
using rpc::CheckCount;
using rpc::ReadEnum;
using rpc::ReadId;
using rpc::ReadNumber;
using rpc::ReadRequestId;
using rpc::ReadTime;
using rpc::Violations;

namespace common = ::veille::common::v1;

constexpr int kMostTenants = 50;
constexpr size_t kHashSize = 32;
constexpr int64_t kLastVersion = std::numeric_limits<int64_t>::max();

int ReadOutcome(const pb::RecordReferralUpdateRequest& request, Violations& violations) {
  if (request.state() == common::REFERRAL_STATE_COMPLETED) {
    return ReadEnum<common::ReferralOutcome>("outcome", request.outcome(),
                                             common::ReferralOutcome_IsValid, violations);
  }
  if (request.outcome() != common::REFERRAL_OUTCOME_UNSPECIFIED) {
    violations.Add("outcome", "is only given with COMPLETED");
  }
  return 0;
}

std::vector<ids::TenantId> ReadTenants(const pb::RecordHouseholdChangeRequest& request,
                                       Violations& violations) {
  CheckCount("tenant_ids", request.tenant_ids_size(), 0, kMostTenants, violations);
  std::vector<ids::TenantId> tenants;
  for (int i = 0; i < std::min(request.tenant_ids_size(), kMostTenants); ++i) {
    tenants.push_back(
        ReadId<ids::TenantId>(At("tenant_ids", i), request.tenant_ids(i), violations));
  }
  return tenants;
}

// However many phones the household has, it is called by the first of them: a change that was
// refused for their number would never arrive.
std::vector<std::string> ReadHashes(const pb::RecordHouseholdChangeRequest& request,
                                    Violations& violations) {
  if (request.kind() != pb::HOUSEHOLD_CHANGE_KIND_PHONES && request.phone_hashes_size() > 0) {
    violations.Add("phone_hashes", "are only given with PHONES");
  }
  std::vector<std::string> hashes;
  for (int i = 0; i < std::min(request.phone_hashes_size(), kMostPhones); ++i) {
    const std::string& hash = request.phone_hashes(i);
    if (hash.size() != kHashSize) violations.Add(At("phone_hashes", i), "must have 32 bytes");
    if (std::find(hashes.begin(), hashes.end(), hash) != hashes.end()) {
      violations.Add(At("phone_hashes", i), "is named twice");
    }
    hashes.push_back(hash);
  }
  return hashes;
}

bool ReadCallsOnly(const pb::RecordHouseholdChangeRequest& request, Violations& violations) {
  const bool fits =
      request.kind() == pb::HOUSEHOLD_CHANGE_KIND_OBJECTION && request.tenant_ids().empty();
  if (request.calls_only() && !fits) {
    violations.Add("calls_only", "is only given with OBJECTION, of the whole household");
  }
  return request.calls_only();
}

}  // namespace

absl::StatusOr<ReferralUpdateIntake> FromProto(const pb::RecordReferralUpdateRequest& request) {
  Violations violations;
  const ReferralUpdateIntake intake{
      .request = ReadRequestId(request.request_id(), violations),
      .update = {
          .referral = ReadId<ids::ReferralId>("referral_id", request.referral_id(), violations),
          .finding = ReadId<ids::FindingId>("finding_id", request.finding_id(), violations),
          .campaign = ReadId<ids::CampaignId>("campaign_id", request.campaign_id(), violations),
          .version = ReadNumber("version", request.version(), 1, kLastVersion, violations),
          .state = static_cast<ReferralState>(ReadEnum<common::ReferralState>(
              "state", request.state(), common::ReferralState_IsValid, violations)),
          .outcome = ReadOutcome(request, violations),
          .not_covered = request.not_covered(),
          .update_time = ReadTime("update_time", request.has_update_time(), request.update_time(),
                                  violations)}};
  RETURN_IF_ERROR(violations.ToStatus());
  return intake;
}

absl::StatusOr<HouseholdChangeIntake> FromProto(const pb::RecordHouseholdChangeRequest& request) {
  Violations violations;
  const HouseholdChangeIntake intake{
      .request = ReadRequestId(request.request_id(), violations),
      .change = {
          .household = ReadId<ids::HouseholdId>("household_id", request.household_id(), violations),
          .version = ReadNumber("version", request.version(), 1, kLastVersion, violations),
          .kind = static_cast<HouseholdChangeKind>(ReadEnum<pb::HouseholdChangeKind>(
              "kind", request.kind(), pb::HouseholdChangeKind_IsValid, violations)),
          .tenants = ReadTenants(request, violations),
          .phone_hashes = ReadHashes(request, violations),
          .calls_only = ReadCallsOnly(request, violations)}};
  RETURN_IF_ERROR(violations.ToStatus());
  return intake;
}

}  // namespace veille::call_tracking
