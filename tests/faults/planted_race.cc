// A streaming echo on gRPC's callback API, with races planted on request: shows that a
// ThreadSanitizer build is silent about sound code and does report our own races.
//
//   planted_race --plant=none | handler | continuation
//
// The shape is that of our services: a reactor reads on gRPC's threads, hands each message to a
// lane (a thread with a queue) and the lane continues the call by writing the answer.

#include <grpcpp/grpcpp.h>

#include <cstdio>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/mutex.h"
#include "veille/registry/v1/registry_service.grpc.pb.h"

namespace {

// Any bidirectional stream will do.
namespace pb = ::veille::registry::v1;
using Message = pb::ImportHouseholdsRequest;
using Answer = pb::ImportHouseholdsResponse;

constexpr int kChannels = 8;
constexpr int kMessages = 200;

enum class Plant { kNone, kHandler, kContinuation };

// What handlers and lane count together: with the lock, unless a race is planted there.
struct Counts {
  absl::Mutex mutex;
  long read = 0;
  long written = 0;
};

// A thread that runs what is handed to it, in order.
class Lane {
 public:
  Lane() : thread_([this] { Work(); }) {}
  ~Lane() {
    Push(nullptr);
    thread_.join();
  }
  void Push(std::function<void()> work) {
    absl::MutexLock lock(&mutex_);
    waiting_.push_back(std::move(work));
  }

 private:
  void Work() {
    while (true) {
      std::function<void()> work;
      {
        const auto filled = [this] { return !waiting_.empty(); };
        absl::MutexLock lock(&mutex_, absl::Condition(&filled));
        work = std::move(waiting_.front());
        waiting_.pop_front();
      }
      if (work == nullptr) return;
      work();
    }
  }

  absl::Mutex mutex_;
  std::deque<std::function<void()>> waiting_;
  std::thread thread_;
};

class EchoStream : public grpc::ServerBidiReactor<Message, Answer> {
 public:
  EchoStream(Plant plant, Counts& counts, Lane& lane)
      : plant_(plant), counts_(counts), lane_(lane) {
    StartRead(&message_);
  }

  void OnReadDone(bool ok) override {
    if (!ok) return Finish(grpc::Status::OK);
    if (plant_ == Plant::kHandler) {
      ++counts_.read;  // the planted race
    } else {
      absl::MutexLock lock(&counts_.mutex);
      ++counts_.read;
    }
    lane_.Push([this] { Continue(); });
  }
  void OnWriteDone(bool ok) override {
    if (!ok) return Finish(grpc::Status::OK);
    StartRead(&message_);
  }
  void OnDone() override { delete this; }

 private:
  void Continue() {
    if (plant_ == Plant::kContinuation) {
      ++counts_.written;  // the planted race: two lanes
    } else {
      absl::MutexLock lock(&counts_.mutex);
      ++counts_.written;
    }
    StartWrite(&answer_);
  }

  const Plant plant_;
  Counts& counts_;
  Lane& lane_;
  Message message_;
  Answer answer_;
};

class EchoService : public pb::RegistryService::CallbackService {
 public:
  explicit EchoService(Plant plant) : plant_(plant) {}
  Counts& counts() { return counts_; }

  grpc::ServerBidiReactor<Message, Answer>* ImportHouseholds(
      grpc::CallbackServerContext*) override {
    absl::MutexLock lock(&counts_.mutex);
    return new EchoStream(plant_, counts_, lanes_[streams_++ % 2]);
  }

 private:
  const Plant plant_;
  Counts counts_;
  Lane lanes_[2];
  int streams_ = 0;  // under counts_.mutex
};

class EchoClient : public grpc::ClientBidiReactor<Message, Answer> {
 public:
  EchoClient(pb::RegistryService::Stub& stub, absl::BlockingCounter& done) : done_(done) {
    stub.async()->ImportHouseholds(&context_, this);
    StartWrite(&message_);
    StartCall();
  }
  void OnWriteDone(bool ok) override {
    if (ok) StartRead(&answer_);
  }
  void OnReadDone(bool ok) override {
    if (!ok) return;
    if (++answers_ == kMessages) return StartWritesDone();
    StartWrite(&message_);
  }
  void OnDone(const grpc::Status& status) override {
    ok_ = status.ok() && answers_ == kMessages;
    done_.DecrementCount();
  }
  bool ok() const { return ok_; }

 private:
  absl::BlockingCounter& done_;
  grpc::ClientContext context_;
  Message message_;
  Answer answer_;
  int answers_ = 0;
  bool ok_ = false;
};

int Run(Plant plant) {
  EchoService service(plant);
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&service);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();

  bool ok = server != nullptr;
  if (ok) {
    absl::BlockingCounter done(kChannels);
    std::vector<std::unique_ptr<pb::RegistryService::Stub>> stubs;
    std::vector<std::unique_ptr<EchoClient>> clients;
    for (int i = 0; i < kChannels; ++i) {
      grpc::ChannelArguments arguments;
      arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);  // a connection each
      stubs.push_back(pb::RegistryService::NewStub(grpc::CreateCustomChannel(
          "127.0.0.1:" + std::to_string(port), grpc::InsecureChannelCredentials(), arguments)));
      clients.push_back(std::make_unique<EchoClient>(*stubs.back(), done));
    }
    done.Wait();
    for (const auto& client : clients) ok = ok && client->ok();
    server->Shutdown();
  }
  absl::MutexLock lock(&service.counts().mutex);
  std::printf("%ld read, %ld written\n", service.counts().read, service.counts().written);
  return ok ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  const absl::string_view option = argc == 2 ? argv[1] : "";
  if (option == "--plant=none") return Run(Plant::kNone);
  if (option == "--plant=handler") return Run(Plant::kHandler);
  if (option == "--plant=continuation") return Run(Plant::kContinuation);
  std::fprintf(stderr, "usage: planted_race --plant=none|handler|continuation\n");
  return 2;
}
