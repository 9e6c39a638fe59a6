#pragma once

// A token bucket for each of many keys, made when its key is first seen and dropped once it is full
// again, which changes no answer.
//
// Threads: any; keys are spread over 64 locks, each held for a look into a map. Memory: some 40
// bytes a key, `most` keys. When as many are in use at once, new keys share one bucket in each of
// the 64 parts until there is room: nobody gets by.

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "common/limits/bucket.h"

namespace veille::limits {

class Buckets {
 public:
  explicit Buckets(Rate rate, size_t most = 65'536);

  // `key` is a hash of what is meant, even in its highest bits. Zero when one was taken, else how
  // long until there is one.
  std::chrono::nanoseconds Take(uint64_t key, std::chrono::nanoseconds now);
  // Undoes a Take.
  void GiveBack(uint64_t key);

  // Buckets that are kept now.
  size_t size() const;

 private:
  static constexpr size_t kShards = 64;

  struct alignas(64) Shard {
    mutable absl::Mutex mutex;
    absl::flat_hash_map<uint64_t, std::chrono::nanoseconds> full ABSL_GUARDED_BY(mutex);
    size_t sweep_at ABSL_GUARDED_BY(mutex) = 0;
    std::chrono::nanoseconds crowd ABSL_GUARDED_BY(mutex){0};
  };

  Shard& ShardOf(uint64_t key) { return shards_[key >> 58]; }
  std::chrono::nanoseconds& Find(Shard& shard, uint64_t key, std::chrono::nanoseconds now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(shard.mutex);
  void Sweep(Shard& shard, std::chrono::nanoseconds now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(shard.mutex);

  const Bucket bucket_;
  const size_t most_per_shard_;
  std::array<Shard, kShards> shards_;
};

}  // namespace veille::limits
