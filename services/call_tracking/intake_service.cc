#include "call_tracking/intake_service.h"

#include "call_tracking/handlers/intake.h"
#include "call_tracking/request_context.h"

namespace veille::call_tracking {

grpc::ServerUnaryReactor* IntakeService::RecordReferralUpdate(grpc::CallbackServerContext* context,
                                                              const grpc::ByteBuffer* request,
                                                              grpc::ByteBuffer* response) {
  return rpc::Unary(env_, context, request, response, handlers::RecordReferralUpdate);
}

grpc::ServerUnaryReactor* IntakeService::RecordHouseholdChange(grpc::CallbackServerContext* context,
                                                               const grpc::ByteBuffer* request,
                                                               grpc::ByteBuffer* response) {
  return rpc::Unary(env_, context, request, response, handlers::RecordHouseholdChange);
}

}  // namespace veille::call_tracking
