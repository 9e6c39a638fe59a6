#include "referral/convert/partner_change.h"

#include <google/protobuf/util/field_mask_util.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "common/status/macros.h"
#include "referral/convert/fields.h"

namespace veille::referral {
namespace {

using google::protobuf::util::FieldMaskUtil;

constexpr std::array<std::string_view, 9> kChangeable = {
    "name",    "kind",     "coverage", "endpoint",       "contact_phone",
    "payload", "capacity", "channel",  "second_contact",
};

template <typename Request>
PartnerOrder ReadOrder(const Request& request, const std::string& partner, Violations& violations) {
  return {.request = ReadRequestId(request.request_id(), violations),
          .partner = ReadId<ids::PartnerId>("partner_id", partner, violations),
          .etag = ReadText("etag", request.etag(), 0, 64, violations)};
}

}  // namespace

absl::StatusOr<PartnerUpdate> FromProto(const pb::UpdatePartnerRequest& request) {
  Violations violations;
  PartnerUpdate update;
  update.order = ReadOrder(request, request.partner().partner_id(), violations);
  update.values = request.partner();
  const auto& paths = request.update_mask().paths();
  CheckCount("update_mask.paths", paths.size(), 1, 20, violations);
  for (int i = 0; i < std::min(paths.size(), 20); ++i) {
    if (std::find(kChangeable.begin(), kChangeable.end(), paths[i]) == kChangeable.end()) {
      violations.Add(At("update_mask.paths", i), "is not a field that can be changed");
    }
    update.fields.push_back(paths[i]);
  }
  RETURN_IF_ERROR(violations.ToStatus());
  return update;
}

absl::StatusOr<IntakeChange> FromProto(const pb::SetCapacityRequest& request) {
  Violations violations;
  IntakeChange change;
  change.order = ReadOrder(request, request.partner_id(), violations);
  change.intake =
      ReadEnum<PartnerIntake>("intake", request.intake(), pb::PartnerIntake_IsValid, violations);
  if (request.has_capacity()) {
    change.capacity =
        static_cast<int>(ReadNumber("capacity", request.capacity(), 0, 100000, violations));
  }
  RETURN_IF_ERROR(violations.ToStatus());
  return change;
}

absl::StatusOr<PartnerOrder> FromProto(const pb::PausePartnerRequest& request) {
  Violations violations;
  const PartnerOrder order = ReadOrder(request, request.partner_id(), violations);
  RETURN_IF_ERROR(violations.ToStatus());
  return order;
}

absl::StatusOr<PartnerOrder> FromProto(const pb::ResumePartnerRequest& request) {
  Violations violations;
  const PartnerOrder order = ReadOrder(request, request.partner_id(), violations);
  RETURN_IF_ERROR(violations.ToStatus());
  return order;
}

absl::StatusOr<Replay> FromProto(const pb::ReplayDeliveriesRequest& request, absl::Time now) {
  Violations violations;
  Replay replay;
  replay.order.request = ReadRequestId(request.request_id(), violations);
  replay.order.partner = ReadId<ids::PartnerId>("partner_id", request.partner_id(), violations);
  replay.from = ReadTime("from_time", request.has_from_time(), request.from_time(), violations);
  if (replay.from > now) violations.Add("from_time", "is in the future");
  RETURN_IF_ERROR(violations.ToStatus());
  return replay;
}

bool Names(const PartnerUpdate& update, std::string_view field) {
  return std::find(update.fields.begin(), update.fields.end(), field) != update.fields.end();
}

absl::StatusOr<PartnerDraft> Changed(const Partner& partner, const PartnerUpdate& update,
                                     const EndpointPolicy& policy) {
  pb::RegisterPartnerRequest whole;
  whole.set_request_id(update.order.request.ToString());
  *whole.mutable_partner() = ToProto(partner);
  if (Names(update, "endpoint") && !Names(update, "channel"))
    whole.mutable_partner()->clear_channel();
  google::protobuf::FieldMask mask;
  for (const std::string& field : update.fields) mask.add_paths(field);
  FieldMaskUtil::MergeOptions options;
  options.set_replace_message_fields(true);
  options.set_replace_repeated_fields(true);
  FieldMaskUtil::MergeMessageTo(update.values, mask, options, whole.mutable_partner());
  ASSIGN_OR_RETURN(PartnerRegistration changed, FromProto(whole, policy));
  Violations violations;
  if (changed.draft.endpoint.empty() && !partner.registered.endpoint.empty()) {
    violations.Add(
        "partner.endpoint",
        "cannot become empty: what waits could not be pushed any more; pause the partner "
        "and register one that is told by hand");
  }
  RETURN_IF_ERROR(violations.ToStatus());
  return std::move(changed.draft);
}

}  // namespace veille::referral
