#include "call_tracking/convert/decision.h"

#include "call_tracking/convert/call_sheet.h"
#include "common/rpc/fields.h"
#include "common/status/macros.h"
#include "veille/calls/v1/call_service.pb.h"

namespace veille::call_tracking {

absl::StatusOr<DecisionListing> FromProto(const pb::ListDecisionsRequest& request) {
  rpc::Violations violations;
  const DecisionListing listing{
      .campaign = rpc::ReadId<ids::CampaignId>("campaign_id", request.campaign_id(), violations),
      .page = rpc::ReadPage(request.page_size(), request.page_token(), violations)};
  RETURN_IF_ERROR(violations.ToStatus());
  return listing;
}

absl::StatusOr<DecisionRequest> FromProto(const pb::DecideHouseholdRequest& request) {
  rpc::Violations violations;
  const DecisionRequest decision{
      .request = rpc::ReadRequestId(request.request_id(), violations),
      .campaign = rpc::ReadId<ids::CampaignId>("campaign_id", request.campaign_id(), violations),
      .household =
          rpc::ReadId<ids::HouseholdId>("household_id", request.household_id(), violations),
      .etag = rpc::ReadText("etag", request.etag(), 1, 64, violations),
      .note = rpc::ReadText("note", request.note(), 1, 1000, violations)};
  RETURN_IF_ERROR(violations.ToStatus());
  return decision;
}

absl::StatusOr<pb::Decision> ToProto(const Decision& decision) {
  pb::Decision proto;
  proto.set_household_id(decision.household.ToString());
  proto.set_reason(static_cast<pb::DecisionReason>(decision.reason));
  proto.set_state(static_cast<pb::HouseholdState>(decision.state));
  for (const Finding& finding : decision.findings) *proto.add_findings() = ToProto(finding);
  for (const KeptRecord& late : decision.late_records) {
    pb::RecordCallRequest record;
    if (!record.ParseFromString(late.record)) {
      return errors::Internal("a late record does not read");
    }
    pb::LateRecord& added = *proto.add_late_records();
    added.set_attempt_id(late.attempt.ToString());
    added.set_volunteer_id(late.volunteer.ToString());
    *added.mutable_record_time() = rpc::ToProto(late.record_time);
    added.set_disposition(record.disposition());
  }
  proto.set_etag(decision.etag);
  return proto;
}

}  // namespace veille::call_tracking
