#include "referral/referral_service.h"

#include "referral/handlers/answers.h"
#include "referral/handlers/disclosures.h"
#include "referral/handlers/objections.h"
#include "referral/handlers/referral_changes.h"
#include "referral/handlers/referrals.h"
#include "referral/handlers/watching.h"
#include "referral/handlers/worklist.h"
#include "referral/request_context.h"

namespace veille::referral {

grpc::ServerUnaryReactor* ReferralService::CreateReferral(grpc::CallbackServerContext* context,
                                                          const grpc::ByteBuffer* request,
                                                          grpc::ByteBuffer* response) {
  return rpc::Unary(env_, context, request, response, handlers::CreateReferral);
}

grpc::ServerUnaryReactor* ReferralService::RecordHouseholdObjection(
    grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
    grpc::ByteBuffer* response) {
  return rpc::Unary(env_, context, request, response, handlers::RecordHouseholdObjection);
}

grpc::ServerUnaryReactor* ReferralService::GetReferral(grpc::CallbackServerContext* context,
                                                       const grpc::ByteBuffer* request,
                                                       grpc::ByteBuffer* response) {
  return rpc::Unary(env_, context, request, response, handlers::GetReferral);
}

grpc::ServerUnaryReactor* ReferralService::ListReferrals(grpc::CallbackServerContext* context,
                                                         const grpc::ByteBuffer* request,
                                                         grpc::ByteBuffer* response) {
  return rpc::Unary(env_, context, request, response, handlers::ListReferrals);
}

grpc::ServerWriteReactor<grpc::ByteBuffer>* ReferralService::WatchReferrals(
    grpc::CallbackServerContext* context, const grpc::ByteBuffer* request) {
  return rpc::ServerStream(env_, context, request, handlers::WatchReferrals);
}

grpc::ServerUnaryReactor* ReferralService::GetDisclosureStatement(
    grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
    grpc::ByteBuffer* response) {
  return rpc::Unary(env_, context, request, response, handlers::GetDisclosureStatement);
}

grpc::ServerUnaryReactor* ReferralService::RecordPartnerAnswer(grpc::CallbackServerContext* context,
                                                               const grpc::ByteBuffer* request,
                                                               grpc::ByteBuffer* response) {
  return rpc::Unary(env_, context, request, response, handlers::RecordPartnerAnswer);
}

grpc::ServerUnaryReactor* ReferralService::ListWorklist(grpc::CallbackServerContext* context,
                                                        const grpc::ByteBuffer* request,
                                                        grpc::ByteBuffer* response) {
  return rpc::Unary(env_, context, request, response, handlers::ListWorklist);
}

grpc::ServerUnaryReactor* ReferralService::DecideWorklistItem(grpc::CallbackServerContext* context,
                                                              const grpc::ByteBuffer* request,
                                                              grpc::ByteBuffer* response) {
  return rpc::Unary(env_, context, request, response, handlers::DecideWorklistItem);
}

grpc::ServerUnaryReactor* ReferralService::WithdrawReferral(grpc::CallbackServerContext* context,
                                                            const grpc::ByteBuffer* request,
                                                            grpc::ByteBuffer* response) {
  return rpc::Unary(env_, context, request, response, handlers::WithdrawReferral);
}

grpc::ServerUnaryReactor* ReferralService::RerouteReferral(grpc::CallbackServerContext* context,
                                                           const grpc::ByteBuffer* request,
                                                           grpc::ByteBuffer* response) {
  return rpc::Unary(env_, context, request, response, handlers::RerouteReferral);
}

grpc::ServerUnaryReactor* ReferralService::RedeliverReferral(grpc::CallbackServerContext* context,
                                                             const grpc::ByteBuffer* request,
                                                             grpc::ByteBuffer* response) {
  return rpc::Unary(env_, context, request, response, handlers::RedeliverReferral);
}

}  // namespace veille::referral
