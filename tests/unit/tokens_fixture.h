#pragma once

// A provider of identities in memory, and a verifier that trusts it.

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "common/tokens/minting.h"
#include "common/tokens/verifier.h"
#include "testing/fake_clock.h"

namespace veille::tokens {

inline constexpr char kIssuer[] = "https://login.example/veille";
inline constexpr char kOtherIssuer[] = "https://login.example/other";
inline constexpr char kAudience[] = "veille";
inline constexpr char kPerson[] = "7f0c2d4e-person";
inline constexpr char kLandlord[] = "0190a5b2-7c3d-7e4f-8a5b-6c7d8e9f0a1b";
inline constexpr char kPartner[] = "0190a5b2-7c3d-7e4f-8a5b-6c7d8e9f0a1c";

// Made once: a key of 2048 bits takes a while. Their key ids are their algorithms' names; "spare"
// is a second ES256 key of the same provider, "stranger" is nobody's.
const SigningKey& KeyFor(Algorithm algorithm);
const SigningKey& SpareKey();
const SigningKey& StrangersKey();

// What answers when the verifier fetches keys. Thread-safe.
class KeyServer {
 public:
  void Publish(const std::string& location, std::string text);
  void Break(bool broken);
  int fetches() const;

  KeyStore::Fetch Fetcher();

 private:
  mutable absl::Mutex mutex_;
  std::map<std::string, std::string> texts_ ABSL_GUARDED_BY(mutex_);
  bool broken_ ABSL_GUARDED_BY(mutex_) = false;
  int fetches_ ABSL_GUARDED_BY(mutex_) = 0;
};

Issuer IssuerNamed(const std::string& name);

struct World {
  World();
  // Until the keys are there.
  void WaitForKeys();

  const absl::Time now = absl::FromUnixSeconds(1'800'000'000);
  testing::FakeClock clock{now};
  KeyServer server;
  std::unique_ptr<Verifier> verifier;
};

// The header and the claims of a token that is good at `now`.
nlohmann::json GoodHeader(const SigningKey& key);
nlohmann::json GoodClaims(absl::Time now);

std::string Signed(const SigningKey& key, const nlohmann::json& header,
                   const nlohmann::json& claims);
std::string GoodToken(const World& world, Algorithm algorithm);

// The three parts of a token, as they came.
std::vector<std::string> PartsOf(const std::string& token);
std::string Joined(const std::vector<std::string>& parts);

// One thing that is wrong, and what the log must say of it.
struct Forgery {
  std::string what;
  Refusal reason;
  std::string token;
};

std::vector<Forgery> ForgedTexts(const World& world);
std::vector<Forgery> ForgedHeaders(const World& world);
std::vector<Forgery> ForgedSignatures(const World& world);
std::vector<Forgery> ForgedClaims(const World& world);

}  // namespace veille::tokens
