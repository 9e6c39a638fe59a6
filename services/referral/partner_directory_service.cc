#include "referral/partner_directory_service.h"

#include "referral/handlers/partner_changes.h"
#include "referral/handlers/partner_keys.h"
#include "referral/handlers/partner_tests.h"
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

grpc::ServerUnaryReactor* PartnerDirectoryService::RotatePartnerKey(
    grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
    grpc::ByteBuffer* response) {
  return rpc::Unary(env_, context, request, response, handlers::RotatePartnerKey);
}

grpc::ServerUnaryReactor* PartnerDirectoryService::TestPartner(grpc::CallbackServerContext* context,
                                                               const grpc::ByteBuffer* request,
                                                               grpc::ByteBuffer* response) {
  return rpc::Unary(env_, context, request, response, handlers::TestPartner);
}

grpc::ServerUnaryReactor* PartnerDirectoryService::UpdatePartner(
    grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
    grpc::ByteBuffer* response) {
  return rpc::Unary(env_, context, request, response, handlers::UpdatePartner);
}

grpc::ServerUnaryReactor* PartnerDirectoryService::SetCapacity(grpc::CallbackServerContext* context,
                                                               const grpc::ByteBuffer* request,
                                                               grpc::ByteBuffer* response) {
  return rpc::Unary(env_, context, request, response, handlers::SetCapacity);
}

grpc::ServerUnaryReactor* PartnerDirectoryService::PausePartner(
    grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
    grpc::ByteBuffer* response) {
  return rpc::Unary(env_, context, request, response, handlers::PausePartner);
}

grpc::ServerUnaryReactor* PartnerDirectoryService::ResumePartner(
    grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
    grpc::ByteBuffer* response) {
  return rpc::Unary(env_, context, request, response, handlers::ResumePartner);
}

grpc::ServerUnaryReactor* PartnerDirectoryService::ReplayDeliveries(
    grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
    grpc::ByteBuffer* response) {
  return rpc::Unary(env_, context, request, response, handlers::ReplayDeliveries);
}

}  // namespace veille::referral
