#include "common/rpc/unknown_methods.h"

#include "common/rpc/status.h"
#include "common/status/errors.h"

namespace veille::rpc {
namespace {

class Refusal final : public grpc::ServerGenericBidiReactor {
 public:
  Refusal() {
    Finish(ToGrpc(errors::Make(absl::StatusCode::kUnimplemented,
                               common::v1::ERROR_REASON_METHOD_UNKNOWN,
                               "the service does not know this method; compare the versions")));
  }
  void OnDone() override { delete this; }
};

}  // namespace

grpc::ServerGenericBidiReactor* UnknownMethods::CreateReactor(
    grpc::GenericCallbackServerContext* /*context*/) {
  return new Refusal;
}

}  // namespace veille::rpc
