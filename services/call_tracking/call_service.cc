#include "call_tracking/call_service.h"

#include "call_tracking/handlers/calls.h"
#include "call_tracking/request_context.h"

namespace veille::call_tracking {

grpc::ServerUnaryReactor* CallService::LeaseNextCall(grpc::CallbackServerContext* context,
                                                     const grpc::ByteBuffer* request,
                                                     grpc::ByteBuffer* response) {
  return rpc::Unary(env_, context, request, response, handlers::LeaseNextCall);
}

grpc::ServerUnaryReactor* CallService::GetCallSheet(grpc::CallbackServerContext* context,
                                                    const grpc::ByteBuffer* request,
                                                    grpc::ByteBuffer* response) {
  return rpc::Unary(env_, context, request, response, handlers::GetCallSheet);
}

grpc::ServerUnaryReactor* CallService::RenewLease(grpc::CallbackServerContext* context,
                                                  const grpc::ByteBuffer* request,
                                                  grpc::ByteBuffer* response) {
  return rpc::Unary(env_, context, request, response, handlers::RenewLease);
}

grpc::ServerUnaryReactor* CallService::ReleaseLease(grpc::CallbackServerContext* context,
                                                    const grpc::ByteBuffer* request,
                                                    grpc::ByteBuffer* response) {
  return rpc::Unary(env_, context, request, response, handlers::ReleaseLease);
}

grpc::ServerUnaryReactor* CallService::RecordCall(grpc::CallbackServerContext* context,
                                                  const grpc::ByteBuffer* request,
                                                  grpc::ByteBuffer* response) {
  return rpc::Unary(env_, context, request, response, handlers::RecordCall);
}

grpc::ServerUnaryReactor* CallService::ListMyOutcomes(grpc::CallbackServerContext* context,
                                                      const grpc::ByteBuffer* request,
                                                      grpc::ByteBuffer* response) {
  return rpc::Unary(env_, context, request, response, handlers::ListMyOutcomes);
}

}  // namespace veille::call_tracking
