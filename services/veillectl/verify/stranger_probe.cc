#include "veillectl/verify/stranger_probe.h"

#include "absl/strings/str_cat.h"
#include "veille/partner/v1/referral_inbox_service.grpc.pb.h"

namespace veille::veillectl {

Verdict ProbeAsStranger(const Connection& inbox,
                        const partner::v1::DeliverReferralRequest& notice) {
  constexpr char kStep[] = "a notice of somebody else than the service is refused";
  const auto answer = inbox.Call(&partner::v1::ReferralInboxService::Stub::DeliverReferral, notice);
  if (answer.ok()) {
    return Wrong(kStep,
                 "it was acknowledged: ask for a certificate, and take notices from "
                 "spiffe://…/service/referral alone");
  }
  return Fine(kStep, absl::StatusCodeToString(answer.status().code()));
}

}  // namespace veille::veillectl
