#include "referral/partner_desk_service.h"

#include "referral/handlers/desk.h"
#include "referral/request_context.h"

namespace veille::referral {

grpc::ServerUnaryReactor* PartnerDeskService::ListMyReferrals(grpc::CallbackServerContext* context,
                                                              const grpc::ByteBuffer* request,
                                                              grpc::ByteBuffer* response) {
  return rpc::Unary(env_, context, request, response, handlers::ListMyReferrals);
}

grpc::ServerUnaryReactor* PartnerDeskService::GetMyReferral(grpc::CallbackServerContext* context,
                                                            const grpc::ByteBuffer* request,
                                                            grpc::ByteBuffer* response) {
  return rpc::Unary(env_, context, request, response, handlers::GetMyReferral);
}

grpc::ServerUnaryReactor* PartnerDeskService::AcceptReferral(grpc::CallbackServerContext* context,
                                                             const grpc::ByteBuffer* request,
                                                             grpc::ByteBuffer* response) {
  return rpc::Unary(env_, context, request, response, handlers::AcceptReferral);
}

grpc::ServerUnaryReactor* PartnerDeskService::DeclineReferral(grpc::CallbackServerContext* context,
                                                              const grpc::ByteBuffer* request,
                                                              grpc::ByteBuffer* response) {
  return rpc::Unary(env_, context, request, response, handlers::DeclineReferral);
}

grpc::ServerUnaryReactor* PartnerDeskService::StartReferral(grpc::CallbackServerContext* context,
                                                            const grpc::ByteBuffer* request,
                                                            grpc::ByteBuffer* response) {
  return rpc::Unary(env_, context, request, response, handlers::StartReferral);
}

grpc::ServerUnaryReactor* PartnerDeskService::CloseReferral(grpc::CallbackServerContext* context,
                                                            const grpc::ByteBuffer* request,
                                                            grpc::ByteBuffer* response) {
  return rpc::Unary(env_, context, request, response, handlers::CloseReferral);
}

}  // namespace veille::referral
