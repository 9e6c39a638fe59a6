#pragma once

#include <atomic>
#include <utility>

#include "common/telemetry/metrics.h"

namespace veille::rpc {

// How many calls may be in flight at once. More are answered RESOURCE_EXHAUSTED with RetryInfo at
// once rather than queued without bound. Thread-safe; outlives its permits.
class InFlight {
 public:
  explicit InFlight(int most) : most_(most) {}

  class Permit {
   public:
    Permit() = default;
    explicit Permit(InFlight* owner) : owner_(owner) {}
    Permit(Permit&& other) noexcept : owner_(std::exchange(other.owner_, nullptr)) {}
    Permit& operator=(Permit&&) = delete;
    ~Permit() {
      if (owner_ != nullptr) owner_->now_.fetch_sub(1, std::memory_order_relaxed);
    }
    explicit operator bool() const { return owner_ != nullptr; }

   private:
    InFlight* owner_ = nullptr;
  };

  // False (as a bool) when the server is full.
  Permit Enter() {
    if (now_.fetch_add(1, std::memory_order_relaxed) < most_) return Permit(this);
    now_.fetch_sub(1, std::memory_order_relaxed);
    return Permit();
  }
  int now() const { return now_.load(std::memory_order_relaxed); }

  void Expose(metrics::Scrape& scrape) const {
    static constexpr metrics::Family kNow{"veille_calls_in_flight",
                                          "Calls that are being answered."};
    static constexpr metrics::Family kMost{"veille_calls_in_flight_most",
                                           "How many may be; more are told to retry."};
    scrape.Gauge(kNow, {}, now());
    scrape.Gauge(kMost, {}, most_);
  }

 private:
  const int most_;
  std::atomic<int> now_{0};
};

}  // namespace veille::rpc
