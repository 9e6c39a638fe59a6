#include "common/audit/chain.h"

#include <openssl/sha.h>

#include <algorithm>
#include <utility>

namespace veille::audit {
namespace {

constexpr size_t kHashLength = SHA256_DIGEST_LENGTH;

// Begins with what it is the encoding of; then each value with a fixed length, or after its length.
class Encoding {
 public:
  explicit Encoding(std::string_view kind) { Text(kind); }

  Encoding& Number(int64_t value) {
    for (int shift = 56; shift >= 0; shift -= 8) {
      out_.push_back(static_cast<char>(static_cast<uint64_t>(value) >> shift));
    }
    return *this;
  }
  Encoding& Text(std::string_view text) {
    Number(static_cast<int64_t>(text.size()));
    out_.append(text);
    return *this;
  }
  Encoding& Id(const ids::Uuid& id) {
    out_.append(reinterpret_cast<const char*>(id.bytes().data()), id.bytes().size());
    return *this;
  }
  Encoding& Time(absl::Time time) { return Number(absl::ToUnixMicros(time)); }

  std::string Hash() const {
    std::string hash(kHashLength, '\0');
    SHA256(reinterpret_cast<const unsigned char*>(out_.data()), out_.size(),
           reinterpret_cast<unsigned char*>(hash.data()));
    return hash;
  }
  std::string Take() { return std::move(out_); }

 private:
  std::string out_;
};

}  // namespace

std::string CommitmentOf(const ChainedEvent& chained) {
  const Event& event = chained.event;
  return Encoding("veille audit event 1")
      .Id(chained.salt)
      .Id(event.landlord.uuid())
      .Number(chained.sequence)
      .Id(event.id)
      .Time(event.time)
      .Text(event.actor_role)
      .Text(event.actor)
      .Text(event.method)
      .Text(event.object_kind)
      .Id(event.object)
      .Id(event.household.uuid())
      .Text(event.purpose)
      .Text(event.reason)
      .Text(event.outcome)
      .Hash();
}

Head Genesis(const Chain& chain) {
  return {
      .hash =
          Encoding("veille audit genesis 1").Text(chain.service).Id(chain.landlord.uuid()).Hash()};
}

std::string HashOf(const Chain& chain, const Batch& batch, const Head& before) {
  return Encoding("veille audit head 1")
      .Id(chain.landlord.uuid())
      .Number(batch.number)
      .Number(batch.first_sequence)
      .Number(batch.last_sequence)
      .Time(batch.newest_time)
      .Time(batch.head.chain_time)
      .Text(before.hash)
      .Text(batch.commitments)
      .Hash();
}

std::string SignedBytes(const Chain& chain, const Head& head) {
  return Encoding("veille audit signature 1")
      .Text(chain.service)
      .Id(chain.landlord.uuid())
      .Number(head.batch)
      .Number(head.sequence)
      .Time(head.chain_time)
      .Text(head.hash)
      .Take();
}

Batch MakeBatch(const Chain& chain, const Head& before, absl::Time chain_time, const Keys* key,
                std::vector<ChainedEvent>& events) {
  Batch batch{.number = before.batch + 1,
              .first_sequence = before.sequence + 1,
              .last_sequence = before.sequence + static_cast<int64_t>(events.size()),
              .newest_time = absl::InfinitePast()};
  batch.commitments.reserve(events.size() * kHashLength);
  int64_t sequence = before.sequence;
  for (ChainedEvent& chained : events) {
    chained.sequence = ++sequence;
    batch.newest_time = std::max(batch.newest_time, chained.event.time);
    batch.commitments += CommitmentOf(chained);
  }
  batch.head = {.batch = batch.number, .sequence = sequence, .chain_time = chain_time};
  batch.head.hash = HashOf(chain, batch, before);
  if (key != nullptr) {
    batch.head.key_id = key->id();
    batch.head.signature = key->Sign(SignedBytes(chain, batch.head));
  }
  return batch;
}

void Verification::Add(ProblemKind kind, int64_t batch, int64_t sequence) {
  ++found_;
  if (problems_.size() < kMostProblems) problems_.push_back({kind, batch, sequence});
}

void Verification::CheckPlace(const Batch& batch) {
  const auto at = [&](ProblemKind kind) { Add(kind, batch.number, batch.first_sequence); };
  if (batch.number != reached_.batch + 1) {
    at(ProblemKind::kBatchMissing);
    return;  // so the head cannot be computed: the head before is not there
  }
  const bool fits = batch.first_sequence == reached_.sequence + 1 && batch.events() > 0 &&
                    batch.commitments.size() == batch.events() * kHashLength;
  if (!fits) {
    at(ProblemKind::kBatchMalformed);
  } else if (batch.head.hash != HashOf(chain_, batch, reached_)) {
    at(ProblemKind::kHeadWrong);
  }
}

void Verification::CheckEvents(const Batch& batch, const std::vector<ChainedEvent>& events) {
  auto next = events.begin();
  for (int64_t i = 0; i < static_cast<int64_t>(batch.commitments.size() / kHashLength); ++i) {
    const int64_t sequence = batch.first_sequence + i;
    if (next == events.end() || next->sequence != sequence) {
      Add(ProblemKind::kEventMissing, batch.number, sequence);
      continue;
    }
    const std::string_view commitment =
        std::string_view(batch.commitments).substr(i * kHashLength, kHashLength);
    if (CommitmentOf(*next) == commitment) {
      ++verified_;
    } else {
      Add(ProblemKind::kEventChanged, batch.number, sequence);
    }
    ++next;
  }
  for (; next != events.end(); ++next) {
    Add(ProblemKind::kEventAdded, batch.number, next->sequence);
  }
}

void Verification::CheckSignature(const Batch& batch) {
  if (keys_ == nullptr) return;
  const Head& head = batch.head;
  const auto at = [&](ProblemKind kind) { Add(kind, batch.number, batch.first_sequence); };
  if (head.key_id.empty()) {
    at(ProblemKind::kSignatureMissing);
  } else if (!keys_->Knows(head.key_id)) {
    at(ProblemKind::kKeyUnknown);
  } else if (!keys_->Verify(head.key_id, SignedBytes(chain_, head), head.signature)) {
    at(ProblemKind::kSignatureWrong);
  }
}

void Verification::Take(const Batch& batch, const std::vector<ChainedEvent>& events) {
  CheckPlace(batch);
  CheckSignature(batch);
  if (!batch.is_erased) {
    CheckEvents(batch, events);
  } else {
    erased_ += batch.events();
    if (batch.newest_time >= keep_from_) {
      Add(ProblemKind::kErasedEarly, batch.number, batch.first_sequence);
    }
    for (const ChainedEvent& left : events) {
      Add(ProblemKind::kEventAdded, batch.number, left.sequence);
    }
  }
  reached_ = batch.head;
}

void Verification::TakeFrom(const Head* stored) {
  if (reached_.batch == 0) return;
  const bool is_there =
      stored != nullptr && stored->hash == reached_.hash && stored->sequence == reached_.sequence;
  if (!is_there) Add(ProblemKind::kKnownHeadDiffers, reached_.batch, reached_.sequence);
}

void Verification::TakeKnown(const Head& known, const Head* stored) {
  const auto at = [&](ProblemKind kind) { Add(kind, known.batch, known.sequence); };
  if (keys_ != nullptr &&
      !keys_->Verify(known.key_id, SignedBytes(chain_, known), known.signature)) {
    at(ProblemKind::kKnownHeadForged);
  } else if (stored == nullptr) {
    at(ProblemKind::kKnownHeadMissing);
  } else if (stored->hash != known.hash || stored->sequence != known.sequence) {
    at(ProblemKind::kKnownHeadDiffers);
  }
}

}  // namespace veille::audit
