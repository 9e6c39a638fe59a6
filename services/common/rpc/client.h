#pragma once

// Calls to the other services and to partners, from inside a coroutine.
//
//   rpc::Peer registry({"127.0.0.1:7101"}, "call-tracking");          // owned by main
//   const auto stub = pb::RegistryService::NewStub(registry.channel());
//   const auto sheets = co_await rpc::Call(registry, *stub,
//       &pb::RegistryService::Stub::PrepareAsyncBatchGetContactSheets, request, outgoing);
//
// Call answers the response or the peer's error with its reason and RetryInfo; it throws nothing.
// The coroutine goes on on the one thread that takes the ends of all calls: hop before computing.
//
// Calls end in a completion queue of ours rather than in gRPC's callbacks: those wake two threads
// for each event and run on a third, which cost a lease and its record, alone in flight, a sixth of
// their time.

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/completion_queue.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/async_unary_call.h>
#include <grpcpp/support/channel_arguments.h>
#include <grpcpp/support/client_callback.h>

#include <coroutine>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/async/task.h"
#include "common/ids/uuid.h"
#include "common/rpc/status.h"

namespace veille::rpc {

// For whom and how long. The deadline is the caller's own, shaved by what its answer needs.
struct Outgoing {
  ids::LandlordId landlord;
  absl::Time deadline;
  std::stop_token stop = {};
};

// Where connections to a host go, whatever its name leads to: addresses that somebody has vetted.
struct Pinned {
  std::string host;    // whom the certificate must name: a host name, or an address
  std::string target;  // of gRPC, with addresses only: "ipv4:192.0.2.1:443,192.0.2.2:443"
};

// Where a peer is, and how it is spoken to: by TLS (common/tls), or in clear text on loopback.
struct Endpoint {
  std::string address;
  std::shared_ptr<grpc::ChannelCredentials> credentials = grpc::InsecureChannelCredentials();
  std::optional<Pinned> pinned = std::nullopt;
};

// A channel to one address, and who we are on it. With TLS the certificate says who we are, and of
// what is sent beside it only the landlord counts.
class Peer {
 public:
  // `own_name` is the calling service's ("call-tracking"). Does not connect yet.
  Peer(const Endpoint& endpoint, std::string own_name);
  // Another identity on a channel that exists, with TLS by a token: load generators and tests speak
  // for volunteers.
  Peer(std::shared_ptr<grpc::Channel> channel, std::string role, std::string subject,
       const std::string& token = "");

  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }

  // Deadline, identity and landlord. The context must be fresh.
  void Prepare(grpc::ClientContext& context, const Outgoing& outgoing) const;

 private:
  std::shared_ptr<grpc::Channel> channel_;
  std::string role_;
  std::string subject_;
  std::string authorization_;  // "Bearer …", or empty
};

// The arguments of every channel of ours: flat windows, quick reconnection.
grpc::ChannelArguments ChannelArguments();

namespace internal {

// Cancels a call when its caller stops.
struct CancelOnStop {
  grpc::ClientContext* context;
  void operator()() const { context->TryCancel(); }
};

// A server may say when to try again in the trailing metadata as well (gRPC's retry design,
// `grpc-retry-pushback-ms`): that becomes RetryInfo where the status has none.
absl::Status WithPushback(absl::Status status, const grpc::ClientContext& context);

// A call that waits for its end.
struct Completion {
  std::coroutine_handle<> caller;
};

// Where the ends of calls arrive: lives as long as the process, with a thread that resumes callers.
grpc::CompletionQueue& Completions();

template <typename Response>
struct CallAwaiter : Completion {
  std::unique_ptr<grpc::ClientAsyncResponseReader<Response>> reader;
  Response response;
  grpc::Status status;

  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> handle) {
    caller = handle;
    reader->StartCall();
    reader->Finish(&response, &status, static_cast<Completion*>(this));  // the last touch
  }
  void await_resume() const noexcept {}
};

}  // namespace internal

template <typename Stub, typename Request, typename Response>
async::Task<absl::StatusOr<Response>> Call(
    const Peer& peer, Stub& stub,
    std::unique_ptr<grpc::ClientAsyncResponseReader<Response>> (Stub::*prepare)(
        grpc::ClientContext*, const Request&, grpc::CompletionQueue*),
    Request request, Outgoing outgoing) {
  grpc::ClientContext context;
  peer.Prepare(context, outgoing);
  internal::CallAwaiter<Response> call;
  call.reader = (stub.*prepare)(&context, request, &internal::Completions());
  const std::stop_callback cancel(outgoing.stop, internal::CancelOnStop{&context});
  co_await call;
  if (!call.status.ok()) co_return internal::WithPushback(FromGrpc(call.status), context);
  co_return std::move(call.response);
}

// The client's side of a server stream, read message by message. Reactor, context and messages live
// on the heap until gRPC is done with them, whatever becomes of this object.
template <typename Response>
class ServerStreamCall {
 public:
  template <typename Stub, typename Request>
  ServerStreamCall(const Peer& peer, Stub& stub,
                   void (Stub::*method)(grpc::ClientContext*, const Request*,
                                        grpc::ClientReadReactor<Response>*),
                   Request request, Outgoing outgoing)
      : reactor_(new Reactor(std::move(outgoing.stop))) {
    peer.Prepare(reactor_->context, outgoing);
    auto kept = std::make_shared<Request>(std::move(request));
    reactor_->request = kept;
    (stub.*method)(&reactor_->context, kept.get(), reactor_);
    reactor_->AddHold();
    reactor_->StartCall();
  }
  ~ServerStreamCall() {
    if (reactor_ != nullptr) reactor_->Abandon();
  }
  ServerStreamCall(const ServerStreamCall&) = delete;
  ServerStreamCall& operator=(const ServerStreamCall&) = delete;

  // The next message; nothing at the end: Finish then tells how it ended.
  async::Task<std::optional<Response>> Read() {
    auto response = std::make_unique<Response>();
    const bool read = co_await ReadAwaiter{reactor_, response.get()};
    if (!read) co_return std::nullopt;
    co_return std::optional<Response>(std::move(*response));
  }

  // Once, after the last Read (or before, to give up the rest after TryCancel).
  async::Task<absl::Status> Finish() {
    Reactor* reactor = std::exchange(reactor_, nullptr);
    const grpc::Status status = co_await FinishAwaiter{reactor, {}};
    co_return FromGrpc(status);
  }
  void TryCancel() { reactor_->context.TryCancel(); }

 private:
  class Reactor final : public grpc::ClientReadReactor<Response> {
   public:
    explicit Reactor(std::stop_token stop)
        : cancel_(std::move(stop), internal::CancelOnStop{&context}) {}

    void OnReadDone(bool ok) override {
      read_ok = ok;
      std::exchange(reader, nullptr).resume();
    }
    void OnDone(const grpc::Status& status) override {
      // After the hold was let go, so a finisher waits, or nobody does.
      grpc::Status* const result = finish_result;
      const std::coroutine_handle<> waiting = finisher;
      if (result != nullptr) *result = status;
      delete this;
      if (waiting) waiting.resume();
    }
    void Abandon() {
      context.TryCancel();
      this->RemoveHold();
    }

    grpc::ClientContext context;
    std::shared_ptr<void> request;
    std::coroutine_handle<> reader;
    std::coroutine_handle<> finisher;
    grpc::Status* finish_result = nullptr;
    bool read_ok = false;

   private:
    const std::stop_callback<internal::CancelOnStop> cancel_;  // after `context`
  };

  struct ReadAwaiter {
    Reactor* reactor;
    Response* response;
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> caller) {
      reactor->reader = caller;
      reactor->StartRead(response);
    }
    bool await_resume() const { return reactor->read_ok; }
  };
  struct FinishAwaiter {
    Reactor* reactor;
    grpc::Status status;
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> caller) {
      reactor->finisher = caller;
      reactor->finish_result = &status;
      reactor->RemoveHold();
    }
    grpc::Status await_resume() { return std::move(status); }
  };

  Reactor* reactor_;
};

}  // namespace veille::rpc
