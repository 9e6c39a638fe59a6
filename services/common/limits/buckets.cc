#include "common/limits/buckets.h"

#include <algorithm>

namespace veille::limits {
namespace {

constexpr size_t kFirstSweep = 64;

}  // namespace

Buckets::Buckets(Rate rate, size_t most)
    : bucket_(rate), most_per_shard_(std::max<size_t>(1, most / kShards)) {
  for (Shard& shard : shards_) {
    const absl::MutexLock lock(&shard.mutex);
    shard.sweep_at = std::min(kFirstSweep, most_per_shard_);
  }
}

// Each sweep is paid by as many new keys as it left: the next one is at twice the size.
void Buckets::Sweep(Shard& shard, std::chrono::nanoseconds now) {
  absl::erase_if(shard.full, [now](const auto& entry) { return entry.second <= now; });
  shard.sweep_at = std::min(std::max(2 * shard.full.size(), kFirstSweep), most_per_shard_);
}

std::chrono::nanoseconds& Buckets::Find(Shard& shard, uint64_t key, std::chrono::nanoseconds now) {
  const auto known = shard.full.find(key);
  if (known != shard.full.end()) return known->second;
  if (shard.full.size() >= shard.sweep_at) Sweep(shard, now);
  if (shard.full.size() >= most_per_shard_) return shard.crowd;
  return shard.full.emplace(key, now).first->second;
}

std::chrono::nanoseconds Buckets::Take(uint64_t key, std::chrono::nanoseconds now) {
  if (!bucket_.limited()) return std::chrono::nanoseconds(0);
  Shard& shard = ShardOf(key);
  const absl::MutexLock lock(&shard.mutex);
  return bucket_.Take(Find(shard, key, now), now);
}

void Buckets::GiveBack(uint64_t key) {
  if (!bucket_.limited()) return;
  Shard& shard = ShardOf(key);
  const absl::MutexLock lock(&shard.mutex);
  const auto known = shard.full.find(key);
  bucket_.GiveBack(known == shard.full.end() ? shard.crowd : known->second);
}

size_t Buckets::size() const {
  size_t all = 0;
  for (const Shard& shard : shards_) {
    const absl::MutexLock lock(&shard.mutex);
    all += shard.full.size();
  }
  return all;
}

}  // namespace veille::limits
