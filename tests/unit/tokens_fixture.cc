#include "unit/tokens_fixture.h"

#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "testing/wait_until.h"

namespace veille::tokens {
namespace {

using nlohmann::json;

SigningKey Made(Algorithm algorithm, const std::string& kid) {
  return SigningKey::Generate(algorithm, kid).value();
}

}  // namespace

const SigningKey& KeyFor(Algorithm algorithm) {
  static const std::map<Algorithm, SigningKey> keys = [] {
    std::map<Algorithm, SigningKey> made;
    for (const auto each : {Algorithm::kEs256, Algorithm::kEdDsa, Algorithm::kRs256}) {
      made.emplace(each, Made(each, std::string(NameOf(each))));
    }
    return made;
  }();
  return keys.at(algorithm);
}

const SigningKey& SpareKey() {
  static const SigningKey key = Made(Algorithm::kEs256, "spare");
  return key;
}

const SigningKey& StrangersKey() {
  static const SigningKey key = Made(Algorithm::kEs256, "stranger");
  return key;
}

void KeyServer::Publish(const std::string& location, std::string text) {
  absl::MutexLock lock(&mutex_);
  texts_[location] = std::move(text);
}

void KeyServer::Break(bool broken) {
  absl::MutexLock lock(&mutex_);
  broken_ = broken;
}

int KeyServer::fetches() const {
  absl::MutexLock lock(&mutex_);
  return fetches_;
}

KeyStore::Fetch KeyServer::Fetcher() {
  return [this](const std::string& location, std::stop_token) -> absl::StatusOr<std::string> {
    absl::MutexLock lock(&mutex_);
    ++fetches_;
    if (broken_) return absl::UnavailableError("connection refused");
    return texts_[location];
  };
}

Issuer IssuerNamed(const std::string& name) {
  Issuer issuer;
  issuer.name = name;
  issuer.audience = kAudience;
  issuer.keys = name + "/keys";
  return issuer;
}

World::World() {
  server.Publish(IssuerNamed(kIssuer).keys,
                 PublicJwks({KeyFor(Algorithm::kEs256), KeyFor(Algorithm::kEdDsa),
                             KeyFor(Algorithm::kRs256), SpareKey()}));
  // The other provider has a key of its own under a key id of the first.
  const std::string pem = StrangersKey().ToPem().value();
  server.Publish(IssuerNamed(kOtherIssuer).keys,
                 PublicJwks({SigningKey::FromPem(pem, "ES256").value()}));
  VerifierOptions options;
  options.fetcher = server.Fetcher();
  verifier =
      Verifier::Start({IssuerNamed(kIssuer), IssuerNamed(kOtherIssuer)}, clock, options).value();
}

void World::WaitForKeys() {
  const auto has_keys = [this](const std::string& token) {
    return verifier->Verify(token, now).status().code() != absl::StatusCode::kUnavailable;
  };
  json others = GoodClaims(now);
  others["iss"] = kOtherIssuer;
  const std::string first = GoodToken(*this, Algorithm::kEs256);
  const std::string second = Signed(StrangersKey(), GoodHeader(KeyFor(Algorithm::kEs256)), others);
  if (!testing::WaitUntil([&] { return has_keys(first) && has_keys(second); })) std::abort();
}

json GoodHeader(const SigningKey& key) {
  return {{"typ", "at+jwt"}, {"alg", NameOf(key.algorithm())}, {"kid", key.kid()}};
}

json GoodClaims(absl::Time now) {
  const int64_t seconds = absl::ToUnixSeconds(now);
  return {{"iss", kIssuer},
          {"aud", kAudience},
          {"sub", kPerson},
          {"iat", seconds - 60},
          {"exp", seconds + 600},
          {"veille_roles", {"volunteer"}},
          {"veille_landlord", kLandlord}};
}

std::string Signed(const SigningKey& key, const json& header, const json& claims) {
  return MintText(key, header.dump(), claims.dump()).value();
}

std::string GoodToken(const World& world, Algorithm algorithm) {
  const SigningKey& key = KeyFor(algorithm);
  return Signed(key, GoodHeader(key), GoodClaims(world.now));
}

std::vector<std::string> PartsOf(const std::string& token) { return absl::StrSplit(token, '.'); }

std::string Joined(const std::vector<std::string>& parts) { return absl::StrJoin(parts, "."); }

}  // namespace veille::tokens
