#pragma once

// What partners ask and are told, between the contract and the domain.

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/ids/uuid.h"
#include "referral/convert/paging.h"
#include "referral/domain/partner_case.h"
#include "veille/partner/v1/partner_desk_service.pb.h"
#include "veille/partner/v1/referral_inbox_service.pb.h"

namespace veille::referral {

namespace partner_pb = ::veille::partner::v1;

// One step of a partner on a referral of its own.
struct DeskAct {
  ids::RequestId request;
  ids::ReferralId referral;
  int64_t fence = 0;
  DeclineReason reason = DeclineReason::kNone;       // Decline
  ReferralOutcome outcome = ReferralOutcome::kNone;  // Close
  std::string note;                                  // Decline, Close
};
struct CaseListing {
  Page page;
  std::vector<ReferralState> states;
};

absl::StatusOr<CaseListing> FromProto(const partner_pb::ListMyReferralsRequest& request);
absl::StatusOr<ids::ReferralId> FromProto(const partner_pb::GetMyReferralRequest& request);
absl::StatusOr<DeskAct> FromProto(const partner_pb::AcceptReferralRequest& request);
absl::StatusOr<DeskAct> FromProto(const partner_pb::DeclineReferralRequest& request);
absl::StatusOr<DeskAct> FromProto(const partner_pb::StartReferralRequest& request);
absl::StatusOr<DeskAct> FromProto(const partner_pb::CloseReferralRequest& request);

partner_pb::PartnerCase ToProto(const PartnerCase& partner_case);

// The push of one assignment; `full` adds the case. Of one that was superseded only that it was.
partner_pb::DeliverReferralRequest ToNotice(const ids::Uuid& delivery,
                                            const PartnerCase& partner_case, bool full);

}  // namespace veille::referral
