#pragma once

// What stands before every handler, in this order: is there room, who calls, may this role call
// this method, is there time left. Only then is the request parsed.

#include <grpcpp/server_context.h>

#include <stop_token>

#include "absl/status/statusor.h"
#include "common/rpc/call_context.h"
#include "google/protobuf/descriptor.h"

namespace veille::rpc {

// The time below which a call is refused, and the longest time a call without a deadline gets.
inline constexpr absl::Duration kLeastTime = absl::Milliseconds(50);
inline constexpr absl::Duration kUnaryTime = absl::Seconds(30);
inline constexpr absl::Duration kStreamTime = absl::Hours(4);

struct Admission {
  CallContext call;
  InFlight::Permit permit;
};

absl::StatusOr<Admission> Admit(const ServerEnvironment& server,
                                const grpc::CallbackServerContext& context,
                                const google::protobuf::Descriptor* request, absl::Duration longest,
                                std::stop_token stop);

// Called when a call has ended: one line for what went wrong, by code and reason.
void LogOutcome(const google::protobuf::Descriptor* request, const absl::Status& status);

// What a handler that threw is answered: INTERNAL. Called inside the catch block.
absl::Status HandlerThrew(const google::protobuf::Descriptor* request);

}  // namespace veille::rpc
