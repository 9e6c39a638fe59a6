#include "call_tracking/volunteer_service.h"

#include "call_tracking/handlers/volunteers.h"
#include "call_tracking/request_context.h"

namespace veille::call_tracking {

grpc::ServerUnaryReactor* VolunteerService::EnrolVolunteer(grpc::CallbackServerContext* context,
                                                           const grpc::ByteBuffer* request,
                                                           grpc::ByteBuffer* response) {
  return rpc::Unary(env_, context, request, response, handlers::EnrolVolunteer);
}

grpc::ServerUnaryReactor* VolunteerService::UpdateVolunteer(grpc::CallbackServerContext* context,
                                                            const grpc::ByteBuffer* request,
                                                            grpc::ByteBuffer* response) {
  return rpc::Unary(env_, context, request, response, handlers::UpdateVolunteer);
}

grpc::ServerUnaryReactor* VolunteerService::SetAbsence(grpc::CallbackServerContext* context,
                                                       const grpc::ByteBuffer* request,
                                                       grpc::ByteBuffer* response) {
  return rpc::Unary(env_, context, request, response, handlers::SetAbsence);
}

grpc::ServerUnaryReactor* VolunteerService::ListVolunteers(grpc::CallbackServerContext* context,
                                                           const grpc::ByteBuffer* request,
                                                           grpc::ByteBuffer* response) {
  return rpc::Unary(env_, context, request, response, handlers::ListVolunteers);
}

}  // namespace veille::call_tracking
