#include "call_tracking/campaign_service.h"

#include "call_tracking/handlers/campaigns.h"
#include "call_tracking/handlers/decisions.h"
#include "call_tracking/handlers/watching.h"
#include "call_tracking/request_context.h"

namespace veille::call_tracking {

grpc::ServerUnaryReactor* CampaignService::CreateCampaign(grpc::CallbackServerContext* context,
                                                          const grpc::ByteBuffer* request,
                                                          grpc::ByteBuffer* response) {
  return rpc::Unary(env_, context, request, response, handlers::CreateCampaign);
}

grpc::ServerUnaryReactor* CampaignService::OpenCampaign(grpc::CallbackServerContext* context,
                                                        const grpc::ByteBuffer* request,
                                                        grpc::ByteBuffer* response) {
  return rpc::Unary(env_, context, request, response, handlers::OpenCampaign);
}

grpc::ServerUnaryReactor* CampaignService::PauseCampaign(grpc::CallbackServerContext* context,
                                                         const grpc::ByteBuffer* request,
                                                         grpc::ByteBuffer* response) {
  return rpc::Unary(env_, context, request, response, handlers::PauseCampaign);
}

grpc::ServerUnaryReactor* CampaignService::ResumeCampaign(grpc::CallbackServerContext* context,
                                                          const grpc::ByteBuffer* request,
                                                          grpc::ByteBuffer* response) {
  return rpc::Unary(env_, context, request, response, handlers::ResumeCampaign);
}

grpc::ServerUnaryReactor* CampaignService::GetCampaign(grpc::CallbackServerContext* context,
                                                       const grpc::ByteBuffer* request,
                                                       grpc::ByteBuffer* response) {
  return rpc::Unary(env_, context, request, response, handlers::GetCampaign);
}

grpc::ServerUnaryReactor* CampaignService::ListCampaigns(grpc::CallbackServerContext* context,
                                                         const grpc::ByteBuffer* request,
                                                         grpc::ByteBuffer* response) {
  return rpc::Unary(env_, context, request, response, handlers::ListCampaigns);
}

grpc::ServerUnaryReactor* CampaignService::GetCampaignReport(grpc::CallbackServerContext* context,
                                                             const grpc::ByteBuffer* request,
                                                             grpc::ByteBuffer* response) {
  return rpc::Unary(env_, context, request, response, handlers::GetCampaignReport);
}

grpc::ServerWriteReactor<grpc::ByteBuffer>* CampaignService::WatchCampaign(
    grpc::CallbackServerContext* context, const grpc::ByteBuffer* request) {
  return rpc::ServerStream(env_, context, request, handlers::WatchCampaign);
}

grpc::ServerUnaryReactor* CampaignService::ExplainHousehold(grpc::CallbackServerContext* context,
                                                            const grpc::ByteBuffer* request,
                                                            grpc::ByteBuffer* response) {
  return rpc::Unary(env_, context, request, response, handlers::ExplainHousehold);
}

grpc::ServerUnaryReactor* CampaignService::ListDecisions(grpc::CallbackServerContext* context,
                                                         const grpc::ByteBuffer* request,
                                                         grpc::ByteBuffer* response) {
  return rpc::Unary(env_, context, request, response, handlers::ListDecisions);
}

grpc::ServerUnaryReactor* CampaignService::DecideHousehold(grpc::CallbackServerContext* context,
                                                           const grpc::ByteBuffer* request,
                                                           grpc::ByteBuffer* response) {
  return rpc::Unary(env_, context, request, response, handlers::DecideHousehold);
}

}  // namespace veille::call_tracking
