#include "common/web/caller.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/time/clock.h"
#include "common/status/macros.h"

namespace veille::web {
namespace {

constexpr absl::Duration kLongestSleep = absl::Seconds(10);

absl::Status Closing() { return absl::UnavailableError("no calls are made any more"); }

}  // namespace

Caller::Caller(CallerOptions options) : options_(std::move(options)) {}

Caller::~Caller() { Close(); }

void Caller::Close() {
  {
    absl::MutexLock lock(&mutex_);
    closed_ = true;
  }
  Wake();
  if (thread_.joinable()) thread_.join();
  resolver_.reset();
}

absl::Status Caller::Start() {
  RETURN_IF_ERROR(curl::Load());
  multi_.reset(curl::Loaded().multi_init());
  if (multi_ == nullptr) return absl::UnavailableError("libcurl cannot be set up");
  curl::Loaded().multi_setopt(multi_.get(), CURLMOPT_MAXCONNECTS, 256L);
  resolver_ = std::make_unique<Resolver>(options_.lookup, options_.lookup_threads);
  started_ = true;
  thread_ = std::thread([this] { Drive(); });
  return absl::OkStatus();
}

void Caller::Wake() {
  if (started_) curl::Loaded().multi_wakeup(multi_.get());
}

async::Task<absl::StatusOr<Response>> Caller::Post(Request request, absl::Time deadline,
                                                   std::stop_token stop) {
  Call call{.request = std::move(request), .deadline = deadline, .stop = std::move(stop)};
  CO_RETURN_IF_ERROR(co_await Run(call));
  co_return std::move(call.result);
}

async::Task<absl::StatusOr<std::vector<Address>>> Caller::Vet(std::string url, absl::Time deadline,
                                                              std::stop_token stop) {
  Call call{.request = {std::move(url), {}, {}},
            .deadline = deadline,
            .stop = std::move(stop),
            .only_vets = true};
  CO_RETURN_IF_ERROR(co_await Run(call));
  co_return std::move(call.vetted);
}

async::Task<absl::Status> Caller::Run(Call& call) {
  CO_ASSIGN_OR_RETURN(call.target, ParseTarget(call.request.url));
  if (!options_.policy.AllowsPort(call.target.port)) {
    co_return absl::PermissionDeniedError("its port is not one that may be called");
  }
  // Set before the call is pushed; it only makes the thread look.
  const std::stop_callback on_stop(call.stop, [this] {
    stop_asked_ = true;
    Wake();
  });
  co_await Wait{this, &call};
  co_return call.result.status();
}

bool Caller::Push(Call* call) {
  {
    absl::MutexLock lock(&mutex_);
    if (closed_) {
      call->result = Closing();
      return false;
    }
    if (const absl::Status started = started_ ? absl::OkStatus() : Start(); !started.ok()) {
      call->result = started;
      return false;
    }
    pushed_.push_back(call);
  }
  Wake();
  return true;
}

void Caller::Drive() {
  while (TakeNews()) {
    int running = 0;
    curl::Loaded().multi_perform(multi_.get(), &running);
    EndTransfers();
    if (stop_asked_.exchange(false) || next_due_ <= absl::Now()) EndOverdue();
    curl::Loaded().multi_poll(multi_.get(), nullptr, 0, UntilDue(), nullptr);
  }
  while (!live_.empty()) End(live_.begin()->first, Closing());
}

int Caller::UntilDue() const {
  const absl::Duration wait =
      std::clamp(next_due_ - absl::Now(), absl::ZeroDuration(), kLongestSleep);
  return static_cast<int>(absl::ToInt64Milliseconds(absl::Ceil(wait, absl::Milliseconds(1))));
}

// False when there is nothing to do any more.
bool Caller::TakeNews() {
  std::vector<Call*> pushed;
  std::vector<LookedUp> looked_up;
  bool closed = false;
  {
    absl::MutexLock lock(&mutex_);
    pushed.swap(pushed_);
    looked_up.swap(looked_up_);
    closed = closed_;
  }
  for (Call* call : pushed) Begin(call);
  for (const LookedUp& found : looked_up) Connect(found);
  return !closed;
}

void Caller::Begin(Call* call) {
  const uint64_t id = ++last_id_;
  live_[id].call = call;
  next_due_ = std::min(next_due_, call->stop.stop_requested() ? absl::Now() : call->deadline);
  if (call->target.literal.has_value()) {
    Connect({id, std::vector<Address>{*call->target.literal}});
    return;
  }
  resolver_->Ask(call->target.host, [this, id](const auto& addresses) {
    {
      absl::MutexLock lock(&mutex_);
      looked_up_.push_back({id, addresses});
    }
    Wake();
  });
}

void Caller::Connect(const LookedUp& looked_up) {
  const auto found = live_.find(looked_up.id);
  if (found == live_.end()) return;  // ended meanwhile
  Live& live = found->second;
  Call& call = *live.call;
  if (!looked_up.addresses.ok()) return End(looked_up.id, looked_up.addresses.status());
  const absl::Status vetted = options_.policy.CheckAll(*looked_up.addresses);
  if (!vetted.ok()) return End(looked_up.id, vetted);
  if (call.only_vets) {
    call.vetted = *looked_up.addresses;
    return End(looked_up.id, Response{});
  }
  live.exchange = std::make_unique<Exchange>(options_.policy, call.target, *looked_up.addresses,
                                             call.request, options_.authorities,
                                             Limits{call.deadline, options_.connect_timeout});
  CURL* handle = live.exchange->handle();
  if (handle == nullptr ||
      curl::Loaded().easy_setopt(handle, CURLOPT_PRIVATE, reinterpret_cast<void*>(looked_up.id)) !=
          CURLE_OK ||
      curl::Loaded().multi_add_handle(multi_.get(), handle) != CURLM_OK) {
    live.exchange.reset();
    End(looked_up.id, absl::UnavailableError("libcurl cannot be set up"));
  }
}

void Caller::EndTransfers() {
  int left = 0;
  while (const CURLMsg* message = curl::Loaded().multi_info_read(multi_.get(), &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    void* id = nullptr;
    const CURLcode code = message->data.result;
    curl::Loaded().easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &id);
    const auto key = reinterpret_cast<uint64_t>(id);
    End(key, live_.at(key).exchange->Result(code));
  }
}

// Those that were given up, or whose name is looked up for too long; libcurl watches the others.
void Caller::EndOverdue() {
  const absl::Time now = absl::Now();
  std::vector<std::pair<uint64_t, absl::Status>> overdue;
  next_due_ = absl::InfiniteFuture();
  for (const auto& [id, live] : live_) {
    if (live.call->stop.stop_requested()) {
      overdue.emplace_back(id, absl::CancelledError("given up"));
    } else if (live.call->deadline <= now) {
      overdue.emplace_back(id, absl::DeadlineExceededError("the answer did not come in time"));
    } else {
      next_due_ = std::min(next_due_, live.call->deadline);
    }
  }
  for (const auto& [id, why] : overdue) End(id, why);
}

void Caller::End(uint64_t id, absl::StatusOr<Response> result) {
  auto node = live_.extract(id);
  Live& live = node.mapped();
  if (live.exchange != nullptr) {
    curl::Loaded().multi_remove_handle(multi_.get(), live.exchange->handle());
    opened_ += live.exchange->opened();
    refused_ += live.exchange->refused();
    live.exchange.reset();
  }
  Call* call = live.call;
  call->result = std::move(result);
  // The last touch: the coroutine may be gone after it.
  if (call->Arrive()) call->waiting.resume();
}

}  // namespace veille::web
