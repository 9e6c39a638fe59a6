#pragma once

// Changes of partners, between the contract and the domain.

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/ids/uuid.h"
#include "referral/convert/partner.h"
#include "referral/domain/partner.h"
#include "veille/referral/v1/partner_directory_service.pb.h"

namespace veille::referral {

// What every change has.
struct PartnerOrder {
  ids::RequestId request;
  ids::PartnerId partner;
  std::string etag;  // empty: whatever it is
};
// The fields of `values` that `fields` names.
struct PartnerUpdate {
  PartnerOrder order;
  pb::Partner values;
  std::vector<std::string> fields;
};
struct IntakeChange {
  PartnerOrder order;
  PartnerIntake intake = PartnerIntake::kOpen;
  std::optional<int> capacity;
};
struct Replay {
  PartnerOrder order;
  absl::Time from;
};

absl::StatusOr<PartnerUpdate> FromProto(const pb::UpdatePartnerRequest& request);
absl::StatusOr<IntakeChange> FromProto(const pb::SetCapacityRequest& request);
absl::StatusOr<PartnerOrder> FromProto(const pb::PausePartnerRequest& request);
absl::StatusOr<PartnerOrder> FromProto(const pb::ResumePartnerRequest& request);
absl::StatusOr<Replay> FromProto(const pb::ReplayDeliveriesRequest& request, absl::Time now);

// Whether the update changes a field.
bool Names(const PartnerUpdate& update, std::string_view field);

// The registration after the change, held to the rules of a new one.
absl::StatusOr<PartnerDraft> Changed(const Partner& partner, const PartnerUpdate& update,
                                     const EndpointPolicy& policy);

}  // namespace veille::referral
