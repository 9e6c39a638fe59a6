#pragma once

// The two conversions between absl::Status and gRPC's. The details (google.rpc.ErrorInfo and so on)
// travel as a google.rpc.Status in the trailing metadata, as gRPC's richer error model has it.

#include <grpcpp/support/status.h>

#include "absl/status/status.h"

namespace veille::rpc {

grpc::Status ToGrpc(const absl::Status& status);
absl::Status FromGrpc(const grpc::Status& status);

}  // namespace veille::rpc
