#pragma once

// Campaigns: created, opened, paused, reported on. One line per RPC: the handlers are in
// handlers/campaigns.h.

#include "call_tracking/environment.h"
#include "common/rpc/unary.h"
#include "veille/calls/v1/campaign_service.grpc.pb.h"

namespace veille::call_tracking {

namespace pb = ::veille::calls::v1;

class CampaignService final
    : public rpc::Methods<pb::CampaignService,
                          pb::CampaignService::WithRawCallbackMethod_CreateCampaign,
                          pb::CampaignService::WithRawCallbackMethod_OpenCampaign,
                          pb::CampaignService::WithRawCallbackMethod_PauseCampaign,
                          pb::CampaignService::WithRawCallbackMethod_ResumeCampaign,
                          pb::CampaignService::WithRawCallbackMethod_GetCampaign,
                          pb::CampaignService::WithRawCallbackMethod_ListCampaigns,
                          pb::CampaignService::WithRawCallbackMethod_GetCampaignReport,
                          pb::CampaignService::WithRawCallbackMethod_ExplainHousehold> {
 public:
  explicit CampaignService(Environment& env) : env_(env) {}

  grpc::ServerUnaryReactor* CreateCampaign(grpc::CallbackServerContext* context,
                                           const grpc::ByteBuffer* request,
                                           grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* OpenCampaign(grpc::CallbackServerContext* context,
                                         const grpc::ByteBuffer* request,
                                         grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* PauseCampaign(grpc::CallbackServerContext* context,
                                          const grpc::ByteBuffer* request,
                                          grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* ResumeCampaign(grpc::CallbackServerContext* context,
                                           const grpc::ByteBuffer* request,
                                           grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* GetCampaign(grpc::CallbackServerContext* context,
                                        const grpc::ByteBuffer* request,
                                        grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* ListCampaigns(grpc::CallbackServerContext* context,
                                          const grpc::ByteBuffer* request,
                                          grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* GetCampaignReport(grpc::CallbackServerContext* context,
                                              const grpc::ByteBuffer* request,
                                              grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* ExplainHousehold(grpc::CallbackServerContext* context,
                                             const grpc::ByteBuffer* request,
                                             grpc::ByteBuffer* response) override;

 private:
  Environment& env_;
};

}  // namespace veille::call_tracking
