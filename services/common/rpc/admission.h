#pragma once

// What stands before every handler, in this order: is there room, who calls, at what rate, may this
// role call this method, is a reason needed and given, is there a deadline and time left. Only then
// is the request parsed.

#include <grpcpp/server_context.h>

#include <stop_token>

#include "absl/status/statusor.h"
#include "common/rpc/call_context.h"
#include "google/protobuf/descriptor.h"

namespace veille::rpc {

// The time below which a call is refused, and the longest that a call gets whatever its deadline.
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

// Called with what a handler answered: tells the listener when it was a miss.
void NoteMiss(const ServerEnvironment& server, const CallContext& call, const absl::Status& answer);

// Called when a call has ended: one line for what went wrong, by code and reason.
void LogOutcome(const google::protobuf::Descriptor* request, const absl::Status& status);

// What a handler that threw is answered: INTERNAL. Called inside the catch block.
absl::Status HandlerThrew(const google::protobuf::Descriptor* request);

}  // namespace veille::rpc
