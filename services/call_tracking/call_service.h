#pragma once

// The volunteer's work. One line per RPC: the handlers are in handlers/calls.h.

#include "call_tracking/environment.h"
#include "common/rpc/unary.h"
#include "veille/calls/v1/call_service.grpc.pb.h"

namespace veille::call_tracking {

namespace pb = ::veille::calls::v1;

class CallService final
    : public rpc::Methods<pb::CallService, pb::CallService::WithRawCallbackMethod_LeaseNextCall,
                          pb::CallService::WithRawCallbackMethod_GetCallSheet,
                          pb::CallService::WithRawCallbackMethod_RenewLease,
                          pb::CallService::WithRawCallbackMethod_ReleaseLease,
                          pb::CallService::WithRawCallbackMethod_RecordCall,
                          pb::CallService::WithRawCallbackMethod_ListMyOutcomes> {
 public:
  explicit CallService(Environment& env) : env_(env) {}

  grpc::ServerUnaryReactor* LeaseNextCall(grpc::CallbackServerContext* context,
                                          const grpc::ByteBuffer* request,
                                          grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* GetCallSheet(grpc::CallbackServerContext* context,
                                         const grpc::ByteBuffer* request,
                                         grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* RenewLease(grpc::CallbackServerContext* context,
                                       const grpc::ByteBuffer* request,
                                       grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* ReleaseLease(grpc::CallbackServerContext* context,
                                         const grpc::ByteBuffer* request,
                                         grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* RecordCall(grpc::CallbackServerContext* context,
                                       const grpc::ByteBuffer* request,
                                       grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* ListMyOutcomes(grpc::CallbackServerContext* context,
                                           const grpc::ByteBuffer* request,
                                           grpc::ByteBuffer* response) override;

 private:
  Environment& env_;
};

}  // namespace veille::call_tracking
