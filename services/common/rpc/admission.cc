#include "common/rpc/admission.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/rpc/reason.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "common/telemetry/log.h"

namespace veille::rpc {
namespace {

// What the way back to the client takes, kept from the deadline that handlers see.
constexpr absl::Duration kWayBack = absl::Milliseconds(10);

// A call that waits for ever holds its place for ever: who calls says how long the answer is of
// use.
absl::StatusOr<absl::Time> DeadlineOf(const grpc::CallbackServerContext& context,
                                      absl::Duration longest) {
  const auto given = context.deadline();
  if (given == std::chrono::system_clock::time_point::max()) {
    return errors::Make(absl::StatusCode::kInvalidArgument,
                        common::v1::ERROR_REASON_DEADLINE_REQUIRED,
                        absl::StrCat("the call has no deadline; set one, of at most ",
                                     absl::FormatDuration(longest), " from now"));
  }
  const absl::Time now = absl::Now();
  const absl::Time deadline = std::min(absl::FromChrono(given), now + longest);
  if (deadline - now < kLeastTime) {
    return errors::Make(absl::StatusCode::kDeadlineExceeded,
                        common::v1::ERROR_REASON_DEADLINE_TOO_SHORT,
                        "less than 50 ms are left; nothing was done, allow more time");
  }
  return deadline;
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
  if (server.limits != nullptr) RETURN_IF_ERROR(server.limits->calls.Admit(*caller));
  absl::Status allowed = server.access.Authorise(*caller, request);
  if (!allowed.ok()) {
    TellOfDenial(server, *caller, request);
    return allowed;
  }
  std::string reason;
  if (server.access.NeedsReason(caller->role, request)) {
    ASSIGN_OR_RETURN(reason, ReadReason(MetadataOf(context, kReasonKey)));
  }
  ASSIGN_OR_RETURN(const absl::Time deadline, DeadlineOf(context, longest));
  const auto* method = server.access.MethodOf(request);
  // An operator's own rows stand under the nil landlord.
  db::Limits limits{deadline - kWayBack, std::move(stop), {caller->landlord}};
  return Admission{
      CallContext(server, *std::move(caller), std::move(limits), method->name(), std::move(reason)),
      std::move(permit)};
}

void NoteMiss(const ServerEnvironment& server, const CallContext& call,
              const absl::Status& answer) {
  // A service repeats what it was told; that no call is due is no miss.
  if (!absl::IsNotFound(answer) || server.denials == nullptr ||
      call.caller().role == common::v1::ROLE_SERVICE ||
      errors::ReasonOf(answer) == common::v1::ERROR_REASON_NO_CALL_DUE) {
    return;
  }
  server.denials->Missed(call.caller(), call.method());
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
