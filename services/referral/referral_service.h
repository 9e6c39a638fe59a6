#pragma once

// Referrals, as the landlord sees them. One line per RPC: the handlers are in
// handlers/referrals.h, handlers/objections.h, handlers/watching.h, handlers/disclosures.h,
// handlers/answers.h, handlers/referral_changes.h and handlers/worklist.h.

#include "common/rpc/stream.h"
#include "common/rpc/unary.h"
#include "referral/environment.h"
#include "veille/referral/v1/referral_service.grpc.pb.h"

namespace veille::referral {

namespace pb = ::veille::referral::v1;

class ReferralService final
    : public rpc::Methods<pb::ReferralService,
                          pb::ReferralService::WithRawCallbackMethod_CreateReferral,
                          pb::ReferralService::WithRawCallbackMethod_RecordHouseholdObjection,
                          pb::ReferralService::WithRawCallbackMethod_GetReferral,
                          pb::ReferralService::WithRawCallbackMethod_ListReferrals,
                          pb::ReferralService::WithRawCallbackMethod_WatchReferrals,
                          pb::ReferralService::WithRawCallbackMethod_GetDisclosureStatement,
                          pb::ReferralService::WithRawCallbackMethod_RecordPartnerAnswer,
                          pb::ReferralService::WithRawCallbackMethod_ListWorklist,
                          pb::ReferralService::WithRawCallbackMethod_DecideWorklistItem,
                          pb::ReferralService::WithRawCallbackMethod_WithdrawReferral,
                          pb::ReferralService::WithRawCallbackMethod_RerouteReferral,
                          pb::ReferralService::WithRawCallbackMethod_RedeliverReferral> {
 public:
  explicit ReferralService(Environment& env) : env_(env) {}

  grpc::ServerUnaryReactor* CreateReferral(grpc::CallbackServerContext* context,
                                           const grpc::ByteBuffer* request,
                                           grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* RecordHouseholdObjection(grpc::CallbackServerContext* context,
                                                     const grpc::ByteBuffer* request,
                                                     grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* GetReferral(grpc::CallbackServerContext* context,
                                        const grpc::ByteBuffer* request,
                                        grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* ListReferrals(grpc::CallbackServerContext* context,
                                          const grpc::ByteBuffer* request,
                                          grpc::ByteBuffer* response) override;
  grpc::ServerWriteReactor<grpc::ByteBuffer>* WatchReferrals(
      grpc::CallbackServerContext* context, const grpc::ByteBuffer* request) override;
  grpc::ServerUnaryReactor* GetDisclosureStatement(grpc::CallbackServerContext* context,
                                                   const grpc::ByteBuffer* request,
                                                   grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* RecordPartnerAnswer(grpc::CallbackServerContext* context,
                                                const grpc::ByteBuffer* request,
                                                grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* ListWorklist(grpc::CallbackServerContext* context,
                                         const grpc::ByteBuffer* request,
                                         grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* DecideWorklistItem(grpc::CallbackServerContext* context,
                                               const grpc::ByteBuffer* request,
                                               grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* WithdrawReferral(grpc::CallbackServerContext* context,
                                             const grpc::ByteBuffer* request,
                                             grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* RerouteReferral(grpc::CallbackServerContext* context,
                                            const grpc::ByteBuffer* request,
                                            grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* RedeliverReferral(grpc::CallbackServerContext* context,
                                              const grpc::ByteBuffer* request,
                                              grpc::ByteBuffer* response) override;

 private:
  Environment& env_;
};

}  // namespace veille::referral
