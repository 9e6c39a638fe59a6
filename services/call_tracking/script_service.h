#pragma once

// Scripts: published once, never changed. One line per RPC: the handlers are in handlers/scripts.h.

#include "call_tracking/environment.h"
#include "common/rpc/unary.h"
#include "veille/calls/v1/script_service.grpc.pb.h"

namespace veille::call_tracking {

namespace pb = ::veille::calls::v1;

class ScriptService final
    : public rpc::Methods<pb::ScriptService, pb::ScriptService::WithRawCallbackMethod_PublishScript,
                          pb::ScriptService::WithRawCallbackMethod_GetScript,
                          pb::ScriptService::WithRawCallbackMethod_ListScripts,
                          pb::ScriptService::WithRawCallbackMethod_TestScript> {
 public:
  explicit ScriptService(Environment& env) : env_(env) {}

  grpc::ServerUnaryReactor* PublishScript(grpc::CallbackServerContext* context,
                                          const grpc::ByteBuffer* request,
                                          grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* GetScript(grpc::CallbackServerContext* context,
                                      const grpc::ByteBuffer* request,
                                      grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* ListScripts(grpc::CallbackServerContext* context,
                                        const grpc::ByteBuffer* request,
                                        grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* TestScript(grpc::CallbackServerContext* context,
                                       const grpc::ByteBuffer* request,
                                       grpc::ByteBuffer* response) override;

 private:
  Environment& env_;
};

}  // namespace veille::call_tracking
