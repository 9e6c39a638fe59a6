#pragma once

// What the tests of leases and of call sheets ask for.

#include "integration/call_tracking_fixture.h"

namespace veille::call_tracking {

class LeaseFixture : public CallTrackingFixture {
 protected:
  absl::StatusOr<pb::LeaseNextCallResponse> LeaseAs(const Identity& identity,
                                                    const std::string& campaign,
                                                    const std::string& request_id) {
    pb::LeaseNextCallRequest request;
    request.set_request_id(request_id);
    request.set_campaign_id(campaign);
    return Call(calls_, &pb::CallService::Stub::LeaseNextCall, request, identity);
  }
  template <typename Request>
  static Request About(const pb::Lease& lease) {
    Request request;
    request.set_campaign_id(lease.campaign_id());
    request.set_lease_id(lease.lease_id());
    return request;
  }
  template <typename Request>
  static Request Change(const pb::Lease& lease) {
    Request request = About<Request>(lease);
    request.set_request_id(NewId());
    request.set_fence(lease.fence());
    return request;
  }
  absl::StatusOr<pb::GetCallSheetResponse> GetSheet(const pb::Lease& lease,
                                                    const Identity& identity) {
    return Call(calls_, &pb::CallService::Stub::GetCallSheet, About<pb::GetCallSheetRequest>(lease),
                identity);
  }
  absl::StatusOr<pb::RenewLeaseResponse> Renew(const pb::RenewLeaseRequest& request,
                                               const Identity& identity) {
    return Call(calls_, &pb::CallService::Stub::RenewLease, request, identity);
  }
  absl::StatusOr<pb::ReleaseLeaseResponse> Release(const pb::ReleaseLeaseRequest& request,
                                                   const Identity& identity) {
    return Call(calls_, &pb::CallService::Stub::ReleaseLease, request, identity);
  }
  bool InQueue(const std::string& household) {
    return Value("SELECT count(*) FROM call_queue WHERE is_due AND household_id = '" + household +
                 "'") == "1";
  }
};

}  // namespace veille::call_tracking
