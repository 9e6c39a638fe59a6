#include "referral/partner_directory_service.h"

#include "referral/handlers/partners.h"
#include "referral/request_context.h"

namespace veille::referral {

grpc::ServerUnaryReactor* PartnerDirectoryService::RegisterPartner(
    grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
    grpc::ByteBuffer* response) {
  return rpc::Unary(env_, context, request, response, handlers::RegisterPartner);
}

grpc::ServerUnaryReactor* PartnerDirectoryService::GetPartner(grpc::CallbackServerContext* context,
                                                              const grpc::ByteBuffer* request,
                                                              grpc::ByteBuffer* response) {
  return rpc::Unary(env_, context, request, response, handlers::GetPartner);
}

grpc::ServerUnaryReactor* PartnerDirectoryService::ListPartners(
    grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
    grpc::ByteBuffer* response) {
  return rpc::Unary(env_, context, request, response, handlers::ListPartners);
}

grpc::ServerUnaryReactor* PartnerDirectoryService::CheckCoverage(
    grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
    grpc::ByteBuffer* response) {
  return rpc::Unary(env_, context, request, response, handlers::CheckCoverage);
}

}  // namespace veille::referral
