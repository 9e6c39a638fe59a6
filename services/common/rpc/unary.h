#pragma once

// From gRPC's callback to a handler and back: the only place that admits, counts, parses, catches,
// converts and finishes.
//
//   grpc::ServerUnaryReactor* RecordCall(grpc::CallbackServerContext* context,
//                                        const grpc::ByteBuffer* request,
//                                        grpc::ByteBuffer* response) override {
//     return rpc::Unary(env_, context, request, response, handlers::RecordCall);
//   }
//
// Rules kept here: the handler's frame is destroyed first, then Finish is called, exactly once, and
// nothing of the call is touched afterwards; OnDone frees the reactor; OnCancel only requests a
// stop, since it runs beside the coroutine on another thread; a cancelled call still owes its
// Finish.

#include <grpcpp/server_context.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <stop_token>

#include "common/async/task.h"
#include "common/rpc/admission.h"
#include "common/rpc/messages.h"
#include "common/rpc/status.h"
#include "common/status/macros.h"

namespace veille::rpc {

// A service class derives from Methods<pb::CallService, pb::CallService::WithRawCallbackMethod_X,
// …>, naming every method of the service.
namespace internal {
template <typename Service, template <typename> class... Raw>
struct Layered {
  using Type = Service;
};
template <typename Service, template <typename> class First, template <typename> class... Rest>
struct Layered<Service, First, Rest...> {
  using Type = First<typename Layered<Service, Rest...>::Type>;
};
}  // namespace internal
template <typename Contract, template <typename> class... Raw>
using Methods = typename internal::Layered<typename Contract::Service, Raw...>::Type;

template <typename Env, typename Request, typename Response>
using UnaryHandler = async::Task<absl::StatusOr<Response>> (*)(typename Env::Context&,
                                                               const Request&);

namespace internal {

class UnaryReactor final : public grpc::ServerUnaryReactor {
 public:
  explicit UnaryReactor(CallTally counted) : tally(counted) { tally.Received(); }

  std::stop_token stop() const { return stop_.get_token(); }
  void OnCancel() override { stop_.request_stop(); }
  void OnDone() override { delete this; }

  CallTally tally;

 private:
  // OnDone only frees: gRPC may run it where it stands, as it does for its own default reactor,
  // instead of waking another thread for it.
  bool InternalInlineable() override { return true; }

  std::stop_source stop_;
};

template <typename Env, typename Request, typename Response>
async::Task<absl::Status> AnswerUnary(Env& env, const grpc::CallbackServerContext& context,
                                      std::stop_token stop, const grpc::ByteBuffer& in,
                                      grpc::ByteBuffer& out,
                                      UnaryHandler<Env, Request, Response> handler) {
  const auto* type = Request::descriptor();
  CO_ASSIGN_OR_RETURN(Admission admission,
                      Admit(env.server, context, type, kUnaryTime, std::move(stop)));
  Request request;
  CO_RETURN_IF_ERROR(Parse(in, &request));
  typename Env::Context call(env, std::move(admission.call));
  try {
    absl::StatusOr<Response> response = co_await handler(call, request);
    if (!response.ok()) {
      NoteMiss(env.server, call, response.status());
      co_return std::move(response).status();
    }
    out = Serialise(*response);
    co_return absl::OkStatus();
  } catch (...) {
    co_return HandlerThrew(type);
  }
}

template <typename Env, typename Request, typename Response>
async::Detached ServeUnary(Env& env, UnaryReactor* reactor,
                           const grpc::CallbackServerContext* context, const grpc::ByteBuffer* in,
                           grpc::ByteBuffer* out, UnaryHandler<Env, Request, Response> handler) {
  const absl::Status status = co_await AnswerUnary<Env, Request, Response>(
      env, *context, reactor->stop(), *in, *out, handler);
  LogOutcome(Request::descriptor(), status);
  if (status.ok()) reactor->tally.Sent();
  reactor->tally.End(status.code());
  reactor->Finish(ToGrpc(status));  // the last touch
}

}  // namespace internal

template <typename Env, typename Request, typename Response>
grpc::ServerUnaryReactor* Unary(
    Env& env, grpc::CallbackServerContext* context, const grpc::ByteBuffer* in,
    grpc::ByteBuffer* out,
    async::Task<absl::StatusOr<Response>> (*handler)(typename Env::Context&, const Request&)) {
  auto* reactor = new internal::UnaryReactor(CallTally::Begin<Request>(env.server.metrics));
  internal::ServeUnary<Env, Request, Response>(env, reactor, context, in, out, handler);
  return reactor;
}

}  // namespace veille::rpc
