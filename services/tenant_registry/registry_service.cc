#include "tenant_registry/registry_service.h"

#include "tenant_registry/handlers/cohorts.h"
#include "tenant_registry/handlers/contact_sheets.h"
#include "tenant_registry/handlers/household_updates.h"
#include "tenant_registry/handlers/households.h"
#include "tenant_registry/handlers/imports.h"
#include "tenant_registry/handlers/landlords.h"
#include "tenant_registry/handlers/reports.h"
#include "tenant_registry/request_context.h"

namespace veille::tenant_registry {

using Service = RegistryService;

grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* Service::ImportHouseholds(
    Context context) {
  return rpc::BidiStream(env_, context, handlers::ImportHouseholds);
}

grpc::ServerWriteReactor<grpc::ByteBuffer>* Service::SelectCohort(Context context, In request) {
  return rpc::ServerStream(env_, context, request, handlers::SelectCohort);
}

Service::Unary Service::CreateLandlord(Context context, In request, Out response) {
  return rpc::Unary(env_, context, request, response, handlers::CreateLandlord);
}

Service::Unary Service::PreviewCohort(Context context, In request, Out response) {
  return rpc::Unary(env_, context, request, response, handlers::PreviewCohort);
}

Service::Unary Service::BatchGetContactSheets(Context context, In request, Out response) {
  return rpc::Unary(env_, context, request, response, handlers::BatchGetContactSheets);
}

Service::Unary Service::ListLeftOut(Context context, In request, Out response) {
  return rpc::Unary(env_, context, request, response, handlers::ListLeftOut);
}

Service::Unary Service::GetHousehold(Context context, In request, Out response) {
  return rpc::Unary(env_, context, request, response, handlers::GetHousehold);
}

Service::Unary Service::ListHouseholds(Context context, In request, Out response) {
  return rpc::Unary(env_, context, request, response, handlers::ListHouseholds);
}

Service::Unary Service::FindHouseholds(Context context, In request, Out response) {
  return rpc::Unary(env_, context, request, response, handlers::FindHouseholds);
}

Service::Unary Service::UpdateHousehold(Context context, In request, Out response) {
  return rpc::Unary(env_, context, request, response, handlers::UpdateHousehold);
}

Service::Unary Service::ReportPhone(Context context, In request, Out response) {
  return rpc::Unary(env_, context, request, response, handlers::ReportPhone);
}

Service::Unary Service::RecordObjection(Context context, In request, Out response) {
  return rpc::Unary(env_, context, request, response, handlers::RecordObjection);
}

}  // namespace veille::tenant_registry
