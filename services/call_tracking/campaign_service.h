#pragma once

// Campaigns: created, opened, paused, reported on, decided about. One line per RPC: the handlers
// are in handlers/campaigns.h, watching.h and decisions.h.

#include "call_tracking/environment.h"
#include "common/rpc/stream.h"
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
                          pb::CampaignService::WithRawCallbackMethod_WatchCampaign,
                          pb::CampaignService::WithRawCallbackMethod_ExplainHousehold,
                          pb::CampaignService::WithRawCallbackMethod_ListDecisions,
                          pb::CampaignService::WithRawCallbackMethod_DecideHousehold> {
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
  grpc::ServerWriteReactor<grpc::ByteBuffer>* WatchCampaign(
      grpc::CallbackServerContext* context, const grpc::ByteBuffer* request) override;
  grpc::ServerUnaryReactor* ExplainHousehold(grpc::CallbackServerContext* context,
                                             const grpc::ByteBuffer* request,
                                             grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* ListDecisions(grpc::CallbackServerContext* context,
                                          const grpc::ByteBuffer* request,
                                          grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* DecideHousehold(grpc::CallbackServerContext* context,
                                            const grpc::ByteBuffer* request,
                                            grpc::ByteBuffer* response) override;

 private:
  Environment& env_;
};

}  // namespace veille::call_tracking
