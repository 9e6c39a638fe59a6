#include "common/audit/audit_service.h"

#include "common/audit/handlers.h"

namespace veille::audit {

grpc::ServerUnaryReactor* AuditService::ListAuditEvents(grpc::CallbackServerContext* context,
                                                        const grpc::ByteBuffer* request,
                                                        grpc::ByteBuffer* response) {
  return rpc::Unary(env_, context, request, response, handlers::ListAuditEvents);
}

grpc::ServerUnaryReactor* AuditService::VerifyAuditTrail(grpc::CallbackServerContext* context,
                                                         const grpc::ByteBuffer* request,
                                                         grpc::ByteBuffer* response) {
  return rpc::Unary(env_, context, request, response, handlers::VerifyAuditTrail);
}

grpc::ServerUnaryReactor* AuditService::GetAuditHead(grpc::CallbackServerContext* context,
                                                     const grpc::ByteBuffer* request,
                                                     grpc::ByteBuffer* response) {
  return rpc::Unary(env_, context, request, response, handlers::GetAuditHead);
}

}  // namespace veille::audit
