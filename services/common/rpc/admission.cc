#include "common/rpc/admission.h"

#include <algorithm>
#include <string>

#include "absl/time/clock.h"
#include "common/status/errors.h"
#include "common/telemetry/log.h"

namespace veille::rpc {
namespace {

// What the way back to the client takes, kept from the deadline that handlers see.
constexpr absl::Duration kWayBack = absl::Milliseconds(10);

absl::Time DeadlineOf(const grpc::CallbackServerContext& context, absl::Time now,
                      absl::Duration longest) {
  const auto deadline = context.deadline();
  if (deadline == std::chrono::system_clock::time_point::max()) return now + longest;
  return std::min(absl::FromChrono(deadline), now + longest);
}

void TellOfDenial(const ServerEnvironment& server, const access::Caller& caller,
                  const google::protobuf::Descriptor* request) {
  const auto* method = server.access.MethodOf(request);
  if (server.denials != nullptr && method != nullptr)
    server.denials->Denied(caller, method->name());
}

}  // namespace

absl::StatusOr<Admission> Admit(const ServerEnvironment& server,
                                const grpc::CallbackServerContext& context,
                                const google::protobuf::Descriptor* request, absl::Duration longest,
                                std::stop_token stop) {
  InFlight::Permit permit = server.in_flight.Enter();
  if (!permit) return errors::Overloaded(absl::Milliseconds(500));
  auto caller = server.authenticator.Identify(context);
  if (!caller.ok()) {
    if (absl::IsUnauthenticated(caller.status())) TellOfDenial(server, {}, request);
    return caller.status();
  }
  absl::Status allowed = server.access.Authorise(*caller, request);
  if (!allowed.ok()) {
    TellOfDenial(server, *caller, request);
    return allowed;
  }
  const absl::Time now = absl::Now();
  const absl::Time deadline = DeadlineOf(context, now, longest);
  if (deadline - now < kLeastTime) {
    return errors::Make(absl::StatusCode::kDeadlineExceeded,
                        common::v1::ERROR_REASON_DEADLINE_TOO_SHORT,
                        "less than 50 ms are left; nothing was done, allow more time");
  }
  const auto* method = server.access.MethodOf(request);
  return Admission{CallContext(server, *std::move(caller),
                               db::Limits{deadline - kWayBack, std::move(stop)}, method->name()),
                   std::move(permit)};
}

void LogOutcome(const google::protobuf::Descriptor* request, const absl::Status& status) {
  if (status.ok()) return;
  const bool ours =
      status.code() == absl::StatusCode::kInternal || status.code() == absl::StatusCode::kUnknown;
  log::Write(ours ? log::Level::kError : log::Level::kDebug, "call refused",
             {{"request", log::Text{request->name()}},
              {"code", status.code()},
              {"reason", log::Text{common::v1::ErrorReason_Name(errors::ReasonOf(status))}}});
}

absl::Status HandlerThrew(const google::protobuf::Descriptor* request) {
  // The text of an exception may quote a value: its type is enough to find the place.
  try {
    throw;
  } catch (const std::exception& exception) {
    log::Error("handler threw", {{"request", log::Text{request->name()}},
                                 {"type", log::Text{typeid(exception).name()}}});
  } catch (...) {
    log::Error("handler threw", {{"request", log::Text{request->name()}}});
  }
  return errors::Internal();
}

}  // namespace veille::rpc
