#include "call_tracking/script_service.h"

#include "call_tracking/handlers/scripts.h"
#include "call_tracking/request_context.h"

namespace veille::call_tracking {

grpc::ServerUnaryReactor* ScriptService::PublishScript(grpc::CallbackServerContext* context,
                                                       const grpc::ByteBuffer* request,
                                                       grpc::ByteBuffer* response) {
  return rpc::Unary(env_, context, request, response, handlers::PublishScript);
}

grpc::ServerUnaryReactor* ScriptService::GetScript(grpc::CallbackServerContext* context,
                                                   const grpc::ByteBuffer* request,
                                                   grpc::ByteBuffer* response) {
  return rpc::Unary(env_, context, request, response, handlers::GetScript);
}

grpc::ServerUnaryReactor* ScriptService::ListScripts(grpc::CallbackServerContext* context,
                                                     const grpc::ByteBuffer* request,
                                                     grpc::ByteBuffer* response) {
  return rpc::Unary(env_, context, request, response, handlers::ListScripts);
}

grpc::ServerUnaryReactor* ScriptService::TestScript(grpc::CallbackServerContext* context,
                                                    const grpc::ByteBuffer* request,
                                                    grpc::ByteBuffer* response) {
  return rpc::Unary(env_, context, request, response, handlers::TestScript);
}

}  // namespace veille::call_tracking
