#pragma once

// The landlord's register. One line per RPC: the handlers are in handlers/.

#include "common/rpc/stream.h"
#include "common/rpc/unary.h"
#include "tenant_registry/environment.h"
#include "veille/registry/v1/registry_service.grpc.pb.h"

namespace veille::tenant_registry {

namespace pb = ::veille::registry::v1;

class RegistryService final
    : public rpc::Methods<pb::RegistryService,
                          pb::RegistryService::WithRawCallbackMethod_CreateLandlord,
                          pb::RegistryService::WithRawCallbackMethod_ImportHouseholds,
                          pb::RegistryService::WithRawCallbackMethod_PreviewCohort,
                          pb::RegistryService::WithRawCallbackMethod_SelectCohort,
                          pb::RegistryService::WithRawCallbackMethod_BatchGetContactSheets,
                          pb::RegistryService::WithRawCallbackMethod_ListLeftOut,
                          pb::RegistryService::WithRawCallbackMethod_GetHousehold,
                          pb::RegistryService::WithRawCallbackMethod_ListHouseholds,
                          pb::RegistryService::WithRawCallbackMethod_FindHouseholds,
                          pb::RegistryService::WithRawCallbackMethod_UpdateHousehold,
                          pb::RegistryService::WithRawCallbackMethod_ReportPhone,
                          pb::RegistryService::WithRawCallbackMethod_RecordObjection> {
 public:
  static constexpr char kFullName[] = "veille.registry.v1.RegistryService";

  explicit RegistryService(Environment& env) : env_(env) {}

  using Context = grpc::CallbackServerContext*;
  using In = const grpc::ByteBuffer*;
  using Out = grpc::ByteBuffer*;
  using Unary = grpc::ServerUnaryReactor*;

  Unary CreateLandlord(Context context, In request, Out response) override;
  grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* ImportHouseholds(
      Context context) override;
  Unary PreviewCohort(Context context, In request, Out response) override;
  grpc::ServerWriteReactor<grpc::ByteBuffer>* SelectCohort(Context context, In request) override;
  Unary BatchGetContactSheets(Context context, In request, Out response) override;
  Unary ListLeftOut(Context context, In request, Out response) override;
  Unary GetHousehold(Context context, In request, Out response) override;
  Unary ListHouseholds(Context context, In request, Out response) override;
  Unary FindHouseholds(Context context, In request, Out response) override;
  Unary UpdateHousehold(Context context, In request, Out response) override;
  Unary ReportPhone(Context context, In request, Out response) override;
  Unary RecordObjection(Context context, In request, Out response) override;

 private:
  Environment& env_;
};

}  // namespace veille::tenant_registry
