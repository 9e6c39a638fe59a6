#include "common/tokens/verified_tokens.h"

namespace veille::tokens {

TokenDigest DigestOf(std::string_view token) {
  TokenDigest digest;
  SHA256(reinterpret_cast<const unsigned char*>(token.data()), token.size(), digest.data());
  return digest;
}

std::shared_ptr<const VerifiedToken> VerifiedTokens::Find(const TokenDigest& digest) {
  absl::MutexLock lock(&mutex_);
  const auto place = places_.find(digest);
  if (place == places_.end()) return nullptr;
  recent_.splice(recent_.begin(), recent_, place->second);
  return place->second->second;
}

void VerifiedTokens::Put(const TokenDigest& digest, VerifiedToken token) {
  auto shared = std::make_shared<const VerifiedToken>(std::move(token));
  absl::MutexLock lock(&mutex_);
  if (const auto place = places_.find(digest); place != places_.end()) {
    place->second->second = std::move(shared);
    return;
  }
  if (recent_.size() == capacity_) {
    places_.erase(recent_.back().first);
    recent_.pop_back();
  }
  recent_.emplace_front(digest, std::move(shared));
  places_[digest] = recent_.begin();
}

void VerifiedTokens::Drop(const TokenDigest& digest) {
  absl::MutexLock lock(&mutex_);
  const auto place = places_.find(digest);
  if (place == places_.end()) return;
  recent_.erase(place->second);
  places_.erase(place);
}

size_t VerifiedTokens::size() const {
  absl::MutexLock lock(&mutex_);
  return recent_.size();
}

}  // namespace veille::tokens
