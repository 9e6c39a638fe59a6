#pragma once

// Volunteers of the landlord. One line per RPC: the handlers are in handlers/volunteers.h.

#include "call_tracking/environment.h"
#include "common/rpc/unary.h"
#include "veille/calls/v1/volunteer_service.grpc.pb.h"

namespace veille::call_tracking {

namespace pb = ::veille::calls::v1;

class VolunteerService final
    : public rpc::Methods<pb::VolunteerService,
                          pb::VolunteerService::WithRawCallbackMethod_EnrolVolunteer,
                          pb::VolunteerService::WithRawCallbackMethod_UpdateVolunteer,
                          pb::VolunteerService::WithRawCallbackMethod_SetAbsence,
                          pb::VolunteerService::WithRawCallbackMethod_ListVolunteers> {
 public:
  explicit VolunteerService(Environment& env) : env_(env) {}

  grpc::ServerUnaryReactor* EnrolVolunteer(grpc::CallbackServerContext* context,
                                           const grpc::ByteBuffer* request,
                                           grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* UpdateVolunteer(grpc::CallbackServerContext* context,
                                            const grpc::ByteBuffer* request,
                                            grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* SetAbsence(grpc::CallbackServerContext* context,
                                       const grpc::ByteBuffer* request,
                                       grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* ListVolunteers(grpc::CallbackServerContext* context,
                                           const grpc::ByteBuffer* request,
                                           grpc::ByteBuffer* response) override;

 private:
  Environment& env_;
};

}  // namespace veille::call_tracking
