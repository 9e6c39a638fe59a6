#pragma once

// The requests of CallService. FromProto lists every violation at once.

#include "absl/status/statusor.h"
#include "call_tracking/domain/call.h"
#include "call_tracking/domain/campaign.h"
#include "call_tracking/domain/script.h"
#include "common/status/errors.h"
#include "veille/calls/v1/call_service.pb.h"

namespace veille::call_tracking {

namespace pb = ::veille::calls::v1;

struct NextCallRequest {
  ids::RequestId request;
  ids::CampaignId campaign;
};
absl::StatusOr<NextCallRequest> FromProto(const pb::LeaseNextCallRequest& request);

// What names a lease, and proves to be its holder.
struct HeldLease {
  ids::RequestId request;  // nil for a read
  ids::CampaignId campaign;
  ids::LeaseId lease;
  int64_t fence = 0;  // 0 for a read
};
absl::StatusOr<HeldLease> FromProto(const pb::GetCallSheetRequest& request);
absl::StatusOr<HeldLease> FromProto(const pb::RenewLeaseRequest& request);
absl::StatusOr<HeldLease> FromProto(const pb::ReleaseLeaseRequest& request);

// A record, with the violations of its fields noted: those that can be seen without the campaign.
CallRecord ReadCallRecord(const pb::RecordCallRequest& request, absl::Time now,
                          errors::Violations& violations);

// Notes where the record does not fit the campaign's script and period.
void CheckAgainst(const Script& script, const CampaignDraft& campaign, const CallRecord& call,
                  errors::Violations& violations);

}  // namespace veille::call_tracking
