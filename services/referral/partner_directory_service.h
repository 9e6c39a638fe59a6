#pragma once

// The landlord's partners and what they cover. One line per RPC: the handlers are in
// handlers/partners.h.

#include "common/rpc/unary.h"
#include "referral/environment.h"
#include "veille/referral/v1/partner_directory_service.grpc.pb.h"

namespace veille::referral {

namespace pb = ::veille::referral::v1;

class PartnerDirectoryService final
    : public rpc::Methods<pb::PartnerDirectoryService,
                          pb::PartnerDirectoryService::WithRawCallbackMethod_RegisterPartner,
                          pb::PartnerDirectoryService::WithRawCallbackMethod_GetPartner,
                          pb::PartnerDirectoryService::WithRawCallbackMethod_ListPartners,
                          pb::PartnerDirectoryService::WithRawCallbackMethod_CheckCoverage,
                          pb::PartnerDirectoryService::WithRawCallbackMethod_RotatePartnerKey,
                          pb::PartnerDirectoryService::WithRawCallbackMethod_TestPartner,
                          pb::PartnerDirectoryService::WithRawCallbackMethod_UpdatePartner,
                          pb::PartnerDirectoryService::WithRawCallbackMethod_SetCapacity,
                          pb::PartnerDirectoryService::WithRawCallbackMethod_PausePartner,
                          pb::PartnerDirectoryService::WithRawCallbackMethod_ResumePartner,
                          pb::PartnerDirectoryService::WithRawCallbackMethod_ReplayDeliveries> {
 public:
  explicit PartnerDirectoryService(Environment& env) : env_(env) {}

  grpc::ServerUnaryReactor* RegisterPartner(grpc::CallbackServerContext* context,
                                            const grpc::ByteBuffer* request,
                                            grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* GetPartner(grpc::CallbackServerContext* context,
                                       const grpc::ByteBuffer* request,
                                       grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* ListPartners(grpc::CallbackServerContext* context,
                                         const grpc::ByteBuffer* request,
                                         grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* CheckCoverage(grpc::CallbackServerContext* context,
                                          const grpc::ByteBuffer* request,
                                          grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* RotatePartnerKey(grpc::CallbackServerContext* context,
                                             const grpc::ByteBuffer* request,
                                             grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* TestPartner(grpc::CallbackServerContext* context,
                                        const grpc::ByteBuffer* request,
                                        grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* UpdatePartner(grpc::CallbackServerContext* context,
                                          const grpc::ByteBuffer* request,
                                          grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* SetCapacity(grpc::CallbackServerContext* context,
                                        const grpc::ByteBuffer* request,
                                        grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* PausePartner(grpc::CallbackServerContext* context,
                                         const grpc::ByteBuffer* request,
                                         grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* ResumePartner(grpc::CallbackServerContext* context,
                                          const grpc::ByteBuffer* request,
                                          grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* ReplayDeliveries(grpc::CallbackServerContext* context,
                                             const grpc::ByteBuffer* request,
                                             grpc::ByteBuffer* response) override;

 private:
  Environment& env_;
};

}  // namespace veille::referral
