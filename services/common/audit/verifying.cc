#include "common/audit/verifying.h"

#include <limits>

#include "common/audit/store.h"

namespace veille::audit {
namespace {

// So many events that no batch has are looked at.
constexpr int kMostBeyond = 1000;
constexpr size_t kCommitmentLength = 32;

TrailEnd ReadEnd(db::ReadTx& tx, ids::LandlordId landlord, int64_t last_sequence,
                 const std::vector<Head>& known) {
  TrailEnd end;
  constexpr auto kLimits = std::numeric_limits<int64_t>();
  for (const ChainedEvent& event : ListChained(tx, landlord, kLimits.min(), 0, kMostBeyond)) {
    end.beyond.push_back(event.sequence);
  }
  for (const ChainedEvent& event :
       ListChained(tx, landlord, last_sequence + 1, kLimits.max(), kMostBeyond)) {
    end.beyond.push_back(event.sequence);
  }
  for (const Head& head : known) end.stored.push_back(FindHead(tx, landlord, head.batch));
  end.waiting = CountWaiting(tx, landlord);
  return end;
}

void VerifyEnd(const TrailEnd& end, const std::vector<Head>& known, Verification& verification) {
  for (const int64_t sequence : end.beyond) verification.TakeBeyond(sequence);
  for (size_t i = 0; i < known.size(); ++i) {
    verification.TakeKnown(known[i], end.stored[i].has_value() ? &*end.stored[i] : nullptr);
  }
}

}  // namespace

TrailPart ReadPart(db::ReadTx& tx, ids::LandlordId landlord, const Head& reached, int64_t events,
                   const std::vector<Head>& known) {
  HoldStill(tx);
  TrailPart part{.now = ReadTime(tx)};
  part.from = FindHead(tx, landlord, reached.batch);
  part.batches = ListBatches(tx, landlord, reached.batch, events);
  if (part.batches.empty()) {
    part.end = ReadEnd(tx, landlord, reached.sequence, known);
    return part;
  }
  // By what is committed to: the places that a tampered batch claims may be any.
  size_t most = kMostBeyond;
  for (const Batch& next : part.batches) most += next.commitments.size() / kCommitmentLength;
  part.events = ListChained(tx, landlord, part.batches.front().first_sequence,
                            part.batches.back().last_sequence, static_cast<int>(most));
  return part;
}

void Verify(const TrailPart& part, const std::vector<Head>& known, Verification& verification) {
  auto next = part.events.begin();
  for (const Batch& batch : part.batches) {
    while (next != part.events.end() && next->sequence < batch.first_sequence) {
      verification.TakeBeyond(next++->sequence);
    }
    std::vector<ChainedEvent> own;
    while (next != part.events.end() && next->sequence <= batch.last_sequence) {
      own.push_back(*next++);
    }
    verification.Take(batch, own);
  }
  if (part.end.has_value()) VerifyEnd(*part.end, known, verification);
}

}  // namespace veille::audit
