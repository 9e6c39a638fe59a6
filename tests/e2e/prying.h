#pragma once

// Looks at what is somebody else's, drawn at random between two landlords.

#include <array>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "e2e/many_calls.h"
#include "e2e/neighbours.h"

namespace veille::e2e {

// One look, and the same at what does not exist: these fields are drawn anew for it.
struct Look {
  std::string method;
  veillectl::Identity caller;
  Fields fields;
  std::vector<std::string> foreign = {};
  std::string kind = {};  // looks of one kind are refused alike
  grpc::StatusCode expected = grpc::StatusCode::NOT_FOUND;
  std::string reason = {};  // of the error, an expression; empty: that of what is not there
};

CallToMake ToCall(const Look& look);
CallToMake AtWhatIsNotThere(const Look& look);

class Dice {
 public:
  explicit Dice(uint64_t seed) : engine_(seed) {}
  size_t Below(size_t n) { return std::uniform_int_distribution<size_t>(0, n - 1)(engine_); }
  template <typename List>
  const auto& One(const List& list) {
    return list[Below(std::size(list))];
  }
  // Somebody without a row.
  std::string Anybody() { return "somebody-" + std::to_string(Below(40)); }

 private:
  std::mt19937_64 engine_;
};

// The same seed draws the same looks at the same two landlords.
class Prying {
 public:
  Prying(const std::array<Landlord, 2>& landlords, uint64_t seed)
      : landlords_(landlords), dice_(seed) {}

  // Each kind about as often as another.
  Look Next();

 private:
  // Of a lease that lives or ran out, of a colleague.
  Look AtAnothersLease();
  Look AtALeaseElsewhere();
  // It was theirs: they are told that it ran out, and nothing else.
  Look ByALeaseThatRanOut();
  Look AtARecordElsewhere();
  Look AtACampaignElsewhere();
  // In the caller's own campaign, or in the one that it belongs to.
  Look AtAHouseholdElsewhere();
  Look AtAnothersCase();
  Look AtACaseElsewhere();
  // The other landlord's partner, at this landlord.
  Look InAnothersName();
  // The partner that had it may do nothing with it any more.
  Look AtACaseThatWasTakenAway();

  const std::array<Landlord, 2>& landlords_;
  Dice dice_;
  const Landlord* here_ = nullptr;   // the caller's
  const Landlord* there_ = nullptr;  // the other one
};

}  // namespace veille::e2e
