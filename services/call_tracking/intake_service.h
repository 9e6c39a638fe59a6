#pragma once

// Facts that other services hand over. One line per RPC: the handlers are in handlers/intake.h.

#include "call_tracking/environment.h"
#include "common/rpc/unary.h"
#include "veille/calls/v1/intake_service.grpc.pb.h"

namespace veille::call_tracking {

namespace pb = ::veille::calls::v1;

class IntakeService final
    : public rpc::Methods<pb::IntakeService,
                          pb::IntakeService::WithRawCallbackMethod_RecordReferralUpdate,
                          pb::IntakeService::WithRawCallbackMethod_RecordHouseholdChange> {
 public:
  explicit IntakeService(Environment& env) : env_(env) {}

  grpc::ServerUnaryReactor* RecordReferralUpdate(grpc::CallbackServerContext* context,
                                                 const grpc::ByteBuffer* request,
                                                 grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* RecordHouseholdChange(grpc::CallbackServerContext* context,
                                                  const grpc::ByteBuffer* request,
                                                  grpc::ByteBuffer* response) override;

 private:
  Environment& env_;
};

}  // namespace veille::call_tracking
