#pragma once

// Answers what no service of a server answers: UNIMPLEMENTED, METHOD_UNKNOWN. A client that is
// newer than the server hears so in the words of all other errors; gRPC's own answer has none.

#include <grpcpp/generic/async_generic_service.h>

namespace veille::rpc {

// Owned by the server, and outlives what it serves. Safe from any thread.
class UnknownMethods final : public grpc::CallbackGenericService {
 public:
  grpc::ServerGenericBidiReactor* CreateReactor(
      grpc::GenericCallbackServerContext* context) override;
};

}  // namespace veille::rpc
