#pragma once

// Requests and responses as bytes. Methods are registered in gRPC's raw form, so that a request is
// authorised before it is parsed (AIP-211) and a malformed one gets a named error: gRPC itself
// would answer UNIMPLEMENTED without a word.

#include <google/protobuf/message.h>
#include <grpcpp/support/byte_buffer.h>

#include "absl/status/status.h"

namespace veille::rpc {

// INVALID_ARGUMENT: MALFORMED_REQUEST when the bytes are no such message; INVALID_FIELDS, naming
// every field, when a string is not UTF-8 or contains NUL.
absl::Status Parse(const grpc::ByteBuffer& bytes, google::protobuf::Message* message);

grpc::ByteBuffer Serialise(const google::protobuf::Message& message);

}  // namespace veille::rpc
