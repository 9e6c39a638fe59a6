#pragma once

// Streaming methods: handlers that read and write one message at a time, with back-pressure: a
// Write is done when the client's window took it, so memory stays flat however long the stream is.
//
//  * Write answers false when the client has gone: end the handler.
//  * Read answers nothing at the half-close, CANCELLED when the client went away: both look like a
//    failed read, and the stop token often lags; the call's own IsCancelled() after the last read
//    is right.
//  * A handler that reads ahead while it works on what it has read calls Abandon when the work
//  fails:
//    the read that waits for a message ends with CANCELLED, and the handler may answer its error.
//  * The order of ends is that of unary calls: frame, Finish, nothing.

#include <grpcpp/server_context.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <atomic>
#include <coroutine>
#include <optional>
#include <stop_token>
#include <utility>

#include "common/async/executor.h"
#include "common/async/task.h"
#include "common/rpc/admission.h"
#include "common/rpc/messages.h"
#include "common/rpc/status.h"
#include "common/status/errors.h"
#include "common/status/macros.h"

namespace veille::rpc {

namespace internal {

// One direction of a stream: one operation at a time, awaited by one coroutine.
class Direction {
 public:
  void Done(bool ok) {
    ok_ = ok;
    const std::coroutine_handle<> waiting = std::exchange(waiting_, nullptr);
    waiting.resume();
  }

  template <typename Start>
  struct Awaiter {
    Direction* direction;
    Start start;
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> caller) {
      direction->waiting_ = caller;
      start();  // the last touch
    }
    bool await_resume() const { return direction->ok_; }
  };
  template <typename Start>
  Awaiter<Start> Wait(Start start) {
    return Awaiter<Start>{this, std::move(start)};
  }

 private:
  std::coroutine_handle<> waiting_;
  bool ok_ = false;
};

class WritePort {
 public:
  virtual ~WritePort() = default;
  virtual void BeginWrite(const grpc::ByteBuffer* message) = 0;
  Direction writes;
};

// The reading direction. A read that was abandoned may still be under way when the handler has
// ended: gRPC ends it with the call, and what it writes into belongs to the reactor.
class ReadPort {
 public:
  enum class Outcome { kMessage, kNothing, kAbandoned };

  virtual ~ReadPort() = default;
  virtual bool IsCancelled() const = 0;

  void Done(bool ok) {
    ok_ = ok;
    Continue(state_.exchange(&done_, std::memory_order_acq_rel));
  }
  void Abandon() { Continue(state_.exchange(&abandoned_, std::memory_order_acq_rel)); }

  struct Awaiter {
    ReadPort* port;
    bool await_ready() const noexcept { return false; }
    bool await_suspend(std::coroutine_handle<> caller) {
      port->BeginRead(&port->message);
      void* nobody = nullptr;
      // Nobody continues the caller before it stands here: nothing is touched afterwards.
      return port->state_.compare_exchange_strong(nobody, caller.address(),
                                                  std::memory_order_acq_rel);
    }
    Outcome await_resume() const {
      void* done = &port->done_;
      if (!port->state_.compare_exchange_strong(done, nullptr, std::memory_order_acq_rel)) {
        return Outcome::kAbandoned;
      }
      return port->ok_ ? Outcome::kMessage : Outcome::kNothing;
    }
  };
  // One at a time, by one coroutine; none after Abandon.
  Awaiter Wait() { return Awaiter{this}; }

  grpc::ByteBuffer message;

 protected:
  virtual void BeginRead(grpc::ByteBuffer* message) = 0;

 private:
  void Continue(void* waiting) {
    if (waiting == nullptr || waiting == &done_ || waiting == &abandoned_) return;
    std::coroutine_handle<>::from_address(waiting).resume();
  }

  // Null, the frame of the coroutine that waits, or the address of what happened.
  std::atomic<void*> state_{nullptr};
  char done_ = 0;
  char abandoned_ = 0;
  bool ok_ = false;
};

}  // namespace internal

template <typename Response>
class StreamWriter {
 public:
  explicit StreamWriter(internal::WritePort& port) : port_(port) {}

  // False when the client has gone.
  async::Task<bool> Write(const Response& response) {
    const grpc::ByteBuffer bytes = Serialise(response);
    internal::WritePort* port = &port_;
    const grpc::ByteBuffer* message = &bytes;
    const bool written = co_await port_.writes.Wait([port, message] { port->BeginWrite(message); });
    co_return written;
  }

 private:
  internal::WritePort& port_;
};

template <typename Request>
class StreamReader {
 public:
  explicit StreamReader(internal::ReadPort& port) : port_(port) {}

  // The next message; nothing after the last; CANCELLED when the client went away in the middle;
  // INVALID_ARGUMENT for bytes that are no such message. Large messages are parsed on an executor.
  async::Task<absl::StatusOr<std::optional<Request>>> Read(async::Executor* parse_on = nullptr) {
    using Outcome = internal::ReadPort::Outcome;
    const Outcome outcome = co_await port_.Wait();
    if (outcome == Outcome::kAbandoned) co_return errors::Cancelled();
    if (outcome == Outcome::kNothing) {
      if (port_.IsCancelled()) co_return errors::Cancelled();
      co_return std::optional<Request>();
    }
    if (parse_on != nullptr) co_await parse_on->Hop();
    std::optional<Request> request(std::in_place);
    CO_RETURN_IF_ERROR(Parse(port_.message, &*request));
    co_return request;
  }

  // Ends the read that waits, if any, with CANCELLED, and every later one. Threads: any, while the
  // handler lives.
  void Abandon() { port_.Abandon(); }

 private:
  internal::ReadPort& port_;
};

namespace internal {

class ServerStreamReactor final : public grpc::ServerWriteReactor<grpc::ByteBuffer>,
                                  public WritePort {
 public:
  explicit ServerStreamReactor(CallTally counted) : tally(counted) { tally.Received(); }
  std::stop_token stop() const { return stop_.get_token(); }
  void BeginWrite(const grpc::ByteBuffer* message) override { StartWrite(message); }
  void OnWriteDone(bool ok) override {
    if (ok) tally.Sent();
    writes.Done(ok);
  }
  void OnCancel() override { stop_.request_stop(); }
  void OnDone() override { delete this; }

  CallTally tally;

 private:
  std::stop_source stop_;
};

class BidiStreamReactor final : public grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>,
                                public WritePort,
                                public ReadPort {
 public:
  BidiStreamReactor(const grpc::CallbackServerContext* context, CallTally counted)
      : tally(counted), context_(context) {}
  std::stop_token stop() const { return stop_.get_token(); }
  void BeginWrite(const grpc::ByteBuffer* message) override { StartWrite(message); }
  bool IsCancelled() const override { return context_->IsCancelled(); }
  void OnWriteDone(bool ok) override {
    if (ok) tally.Sent();
    writes.Done(ok);
  }
  void OnReadDone(bool ok) override {
    if (ok) tally.Received();
    Done(ok);
  }
  void OnCancel() override { stop_.request_stop(); }
  void OnDone() override { delete this; }

  CallTally tally;

 private:
  void BeginRead(grpc::ByteBuffer* into) override { StartRead(into); }

  const grpc::CallbackServerContext* context_;
  std::stop_source stop_;
};

template <typename Env, typename Request, typename Handler, typename... Ports>
async::Task<absl::Status> AnswerStream(Env& env, const grpc::CallbackServerContext& context,
                                       std::stop_token stop, Handler handler, Ports&... ports) {
  const auto* type = Request::descriptor();
  CO_ASSIGN_OR_RETURN(Admission admission,
                      Admit(env.server, context, type, kStreamTime, std::move(stop)));
  typename Env::Context call(env, std::move(admission.call));
  try {
    absl::Status status = co_await handler(call, ports...);
    NoteMiss(env.server, call, status);
    co_return status;
  } catch (...) {
    co_return HandlerThrew(type);
  }
}

template <typename Env, typename Request, typename Response>
async::Detached ServeServerStream(Env& env, ServerStreamReactor* reactor,
                                  const grpc::CallbackServerContext* context,
                                  const grpc::ByteBuffer* in,
                                  async::Task<absl::Status> (*handler)(typename Env::Context&,
                                                                       const Request&,
                                                                       StreamWriter<Response>&)) {
  StreamWriter<Response> writer(*reactor);
  Request request;
  const auto parse_and_handle = [handler, in, &request](
                                    typename Env::Context& call,
                                    StreamWriter<Response>& out) -> async::Task<absl::Status> {
    absl::Status parsed = Parse(*in, &request);
    if (!parsed.ok()) {
      return [](absl::Status status) -> async::Task<absl::Status> { co_return status; }(parsed);
    }
    return handler(call, request, out);
  };
  const absl::Status status =
      co_await AnswerStream<Env, Request>(env, *context, reactor->stop(), parse_and_handle, writer);
  LogOutcome(Request::descriptor(), status);
  reactor->tally.End(status.code());
  reactor->Finish(ToGrpc(status));
}

template <typename Env, typename Request, typename Response>
async::Detached ServeBidiStream(Env& env, BidiStreamReactor* reactor,
                                const grpc::CallbackServerContext* context,
                                async::Task<absl::Status> (*handler)(typename Env::Context&,
                                                                     StreamReader<Request>&,
                                                                     StreamWriter<Response>&)) {
  StreamReader<Request> reader(*reactor);
  StreamWriter<Response> writer(*reactor);
  const absl::Status status =
      co_await AnswerStream<Env, Request>(env, *context, reactor->stop(), handler, reader, writer);
  LogOutcome(Request::descriptor(), status);
  reactor->tally.End(status.code());
  reactor->Finish(ToGrpc(status));
}

}  // namespace internal

template <typename Env, typename Request, typename Response>
grpc::ServerWriteReactor<grpc::ByteBuffer>* ServerStream(
    Env& env, grpc::CallbackServerContext* context, const grpc::ByteBuffer* in,
    async::Task<absl::Status> (*handler)(typename Env::Context&, const Request&,
                                         StreamWriter<Response>&)) {
  auto* reactor = new internal::ServerStreamReactor(CallTally::Begin<Request>(env.server.metrics));
  internal::ServeServerStream<Env, Request, Response>(env, reactor, context, in, handler);
  return reactor;
}

template <typename Env, typename Request, typename Response>
grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* BidiStream(
    Env& env, grpc::CallbackServerContext* context,
    async::Task<absl::Status> (*handler)(typename Env::Context&, StreamReader<Request>&,
                                         StreamWriter<Response>&)) {
  auto* reactor =
      new internal::BidiStreamReactor(context, CallTally::Begin<Request>(env.server.metrics));
  internal::ServeBidiStream<Env, Request, Response>(env, reactor, context, handler);
  return reactor;
}

}  // namespace veille::rpc
