#pragma once

// The chain over audit events: how an event is committed to, how heads follow one from the other,
// and how a trail is verified. Pure: no SQL, no clock.
//
// Each landlord has a chain of its own in each service. An event's commitment is SHA-256 over a
// salt of its own and all its columns, in an encoding in which no two events look alike. A batch's
// head is SHA-256 over the landlord, the batch's number, place and times, the head before, and the
// commitments; the first batch follows a head that names service and landlord. So no event can be
// changed, left out, put elsewhere or given to another landlord without every later head changing;
// whoever knows a later head, or the public key that signs them, sees it.
//
// Erasing an event with its salt leaves a commitment that tells nothing about it.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "common/audit/keys.h"
#include "common/ids/uuid.h"

namespace veille::audit {

struct Event {
  ids::LandlordId landlord;
  ids::Uuid id;
  absl::Time time;
  std::string actor_role;
  std::string actor;
  std::string method;
  std::string object_kind;
  ids::Uuid object;
  ids::HouseholdId household;  // nil: none, or the object itself
  std::string purpose;
  std::string reason;
  std::string outcome;
};

struct ChainedEvent {
  int64_t sequence = 0;
  ids::Uuid salt;
  Event event;
};

// 32 bytes.
std::string CommitmentOf(const ChainedEvent& chained);

// What a head stands for, and its signature.
struct Head {
  int64_t batch = 0;     // 0: before the first
  int64_t sequence = 0;  // of the last event
  std::string hash;      // 32 bytes
  absl::Time chain_time;
  std::string key_id;     // empty: not signed
  std::string signature;  // empty: not signed
};

// Whose chain.
struct Chain {
  std::string service;  // "call-tracking"
  ids::LandlordId landlord;
};

// The head before the first batch.
Head Genesis(const Chain& chain);

struct Batch {
  int64_t number = 0;
  int64_t first_sequence = 0;
  int64_t last_sequence = 0;
  absl::Time newest_time;   // of its events
  std::string commitments;  // 32 bytes for each event
  Head head;
  bool is_erased = false;

  int64_t events() const { return last_sequence - first_sequence + 1; }
};

// The hash of a batch that follows `before`.
std::string HashOf(const Chain& chain, const Batch& batch, const Head& before);

// What is signed of a head.
std::string SignedBytes(const Chain& chain, const Head& head);

// The batch of these events (at least one, in their order), which follows `before`; gives each its
// sequence. `key` may be null: then it is not signed.
Batch MakeBatch(const Chain& chain, const Head& before, absl::Time chain_time, const Keys* key,
                std::vector<ChainedEvent>& events);

enum class ProblemKind {  // as in the contract
  kEventChanged = 1,
  kEventMissing,
  kEventAdded,
  kBatchMissing,
  kBatchMalformed,
  kHeadWrong,
  kSignatureMissing,
  kSignatureWrong,
  kKeyUnknown,
  kErasedEarly,
  kKnownHeadDiffers,
  kKnownHeadMissing,
  kKnownHeadForged,
};

struct Problem {
  ProblemKind kind;
  int64_t batch = 0;
  int64_t sequence = 0;
  friend bool operator==(const Problem&, const Problem&) = default;
};

// Verifies a chain, batch by batch in their order. After a problem it goes on with what is stored,
// so that one tampering is reported once and what follows is still looked at.
class Verification {
 public:
  // `from` is the head that was reached before (Genesis to begin). Events younger than `keep_from`
  // must not have been erased. `keys` may be null: then signatures are not looked at.
  Verification(Chain chain, Head from, absl::Time keep_from, const Keys* keys)
      : chain_(std::move(chain)), reached_(std::move(from)), keep_from_(keep_from), keys_(keys) {}

  // `events` are those stored at the batch's sequences, in their order.
  void Take(const Batch& batch, const std::vector<ChainedEvent>& events);

  // That the head it begins with is still `stored` at its batch (null: there is none).
  void TakeFrom(const Head* stored);

  // Notes that an event stands at `sequence`, after all batches.
  void TakeBeyond(int64_t sequence) { Add(ProblemKind::kEventAdded, 0, sequence); }

  // That the chain contains a head that was got earlier; `stored` is the head of the same batch
  // now, null when there is none.
  void TakeKnown(const Head& known, const Head* stored);

  const Head& reached() const { return reached_; }
  int64_t verified() const { return verified_; }
  int64_t erased() const { return erased_; }
  const std::vector<Problem>& problems() const { return problems_; }
  // How many problems were found, those beyond kMostProblems too.
  int64_t found() const { return found_; }

  static constexpr size_t kMostProblems = 1000;

 private:
  void Add(ProblemKind kind, int64_t batch, int64_t sequence);
  void CheckPlace(const Batch& batch);
  void CheckEvents(const Batch& batch, const std::vector<ChainedEvent>& events);
  void CheckSignature(const Batch& batch);

  const Chain chain_;
  Head reached_;
  const absl::Time keep_from_;
  const Keys* const keys_;
  int64_t verified_ = 0;
  int64_t erased_ = 0;
  int64_t found_ = 0;
  std::vector<Problem> problems_;
};

}  // namespace veille::audit
