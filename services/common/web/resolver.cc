#include "common/web/resolver.h"

#include <netdb.h>

#include <algorithm>
#include <memory>
#include <utility>

namespace veille::web {

absl::StatusOr<std::vector<Address>> LookUpBySystem(const std::string& host) {
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(host.c_str(), nullptr, &hints, &found) != 0) {
    return absl::UnavailableError("the name has no address");
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owned(found, freeaddrinfo);
  std::vector<Address> addresses;
  for (const addrinfo* entry = found; entry != nullptr; entry = entry->ai_next) {
    if (const auto address = Address::FromSocket(*entry->ai_addr)) addresses.push_back(*address);
  }
  return addresses;
}

Resolver::Resolver(Lookup lookup, int threads) : lookup_(std::move(lookup)) {
  for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { Serve(); });
}

Resolver::~Resolver() {
  {
    absl::MutexLock lock(&mutex_);
    closed_ = true;
  }
  for (std::thread& thread : threads_) thread.join();
}

void Resolver::Ask(const std::string& host, Answer answer) {
  absl::MutexLock lock(&mutex_);
  std::vector<Answer>& answers = asked_[host];
  if (answers.empty()) waiting_.push_back(host);
  answers.push_back(std::move(answer));
}

void Resolver::Serve() {
  const auto ready = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return closed_ || !waiting_.empty();
  };
  while (true) {
    std::string host;
    {
      absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(&ready));
      if (closed_) return;
      host = std::move(waiting_.front());
      waiting_.pop_front();
    }
    const absl::StatusOr<std::vector<Address>> addresses = lookup_(host);
    std::vector<Answer> answers;
    {
      absl::MutexLock lock(&mutex_);
      answers = std::move(asked_.extract(host).mapped());
    }
    for (const Answer& answer : answers) answer(addresses);
  }
}

}  // namespace veille::web
