#pragma once

// What a partner does with the referrals that are assigned to it. One line per RPC: the handlers
// are in handlers/desk.h.

#include "common/rpc/unary.h"
#include "referral/environment.h"
#include "veille/partner/v1/partner_desk_service.grpc.pb.h"

namespace veille::referral {

namespace partner_pb = ::veille::partner::v1;

class PartnerDeskService final
    : public rpc::Methods<partner_pb::PartnerDeskService,
                          partner_pb::PartnerDeskService::WithRawCallbackMethod_ListMyReferrals,
                          partner_pb::PartnerDeskService::WithRawCallbackMethod_GetMyReferral,
                          partner_pb::PartnerDeskService::WithRawCallbackMethod_AcceptReferral,
                          partner_pb::PartnerDeskService::WithRawCallbackMethod_DeclineReferral,
                          partner_pb::PartnerDeskService::WithRawCallbackMethod_StartReferral,
                          partner_pb::PartnerDeskService::WithRawCallbackMethod_CloseReferral> {
 public:
  explicit PartnerDeskService(Environment& env) : env_(env) {}

  grpc::ServerUnaryReactor* ListMyReferrals(grpc::CallbackServerContext* context,
                                            const grpc::ByteBuffer* request,
                                            grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* GetMyReferral(grpc::CallbackServerContext* context,
                                          const grpc::ByteBuffer* request,
                                          grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* AcceptReferral(grpc::CallbackServerContext* context,
                                           const grpc::ByteBuffer* request,
                                           grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* DeclineReferral(grpc::CallbackServerContext* context,
                                            const grpc::ByteBuffer* request,
                                            grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* StartReferral(grpc::CallbackServerContext* context,
                                          const grpc::ByteBuffer* request,
                                          grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* CloseReferral(grpc::CallbackServerContext* context,
                                          const grpc::ByteBuffer* request,
                                          grpc::ByteBuffer* response) override;

 private:
  Environment& env_;
};

}  // namespace veille::referral
