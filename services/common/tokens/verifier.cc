#include "common/tokens/verifier.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "common/telemetry/log.h"
#include "common/tokens/claims.h"
#include "common/tokens/signature.h"

namespace veille::tokens {
namespace {

absl::Status Refuse(Refusal refusal, std::string_view issuer) {
  log::Warning("token refused",
               {{"reason", log::Text{NameOf(refusal)}}, {"issuer", log::Text{issuer}}});
  return NotAccepted();
}

absl::Status Wait(absl::Duration retry_after, std::string_view issuer) {
  log::Info("token waits for keys", {{"issuer", log::Text{issuer}}, {"retry_after", retry_after}});
  return errors::WithRetry(
      errors::Make(absl::StatusCode::kUnavailable, common::v1::ERROR_REASON_KEYS_UNAVAILABLE,
                   "the access token cannot be checked yet; send it again shortly"),
      retry_after);
}

bool HasType(const TokenText& parts, const Issuer& issuer) {
  return parts.type == "at+jwt" || (issuer.takes_unmarked_type && parts.type == "jwt");
}

absl::Status CheckAuthorities(const Issuer& issuer) {
  if (issuer.authorities.empty()) return absl::OkStatus();
  const auto read = ReadKeyFile(issuer.authorities);
  if (read.ok()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("the authorities of ", issuer.name, ": ", read.status().message()));
}

KeyStore::Fetch FetcherOf(const Issuer& issuer, const VerifierOptions& options) {
  if (options.fetcher != nullptr) return options.fetcher;
  FetchOptions fetch = options.fetch;
  if (!issuer.authorities.empty()) fetch.authorities = issuer.authorities;
  return [fetch](const std::string& location, std::stop_token stop) {
    return FetchKeys(location, fetch, std::move(stop));
  };
}

// The checks that need a key.
Refusal CheckSigned(const TokenText& parts, const Issuer& issuer, const VerificationKey& key) {
  if (parts.algorithm != NameOf(key.algorithm)) return Refusal::kAlgorithmOfAnotherKey;
  return CheckSignature(key, parts.signed_text, parts.signature, issuer.takes_high_s);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Verifier>> Verifier::Start(std::vector<Issuer> issuers,
                                                          const time::Clock& clock,
                                                          VerifierOptions options) {
  auto verifier = std::unique_ptr<Verifier>(new Verifier(options));
  for (Issuer& issuer : issuers) {
    RETURN_IF_ERROR(verifier->Add(std::move(issuer), clock, options));
  }
  // The threads start last, when no status can end the start any more.
  for (auto& [name, provider] : verifier->providers_) provider.keys->Start();
  return verifier;
}

absl::Status Verifier::Add(Issuer issuer, const time::Clock& clock,
                           const VerifierOptions& options) {
  RETURN_IF_ERROR(CheckLocation(issuer.keys, options.fetch));
  RETURN_IF_ERROR(CheckAuthorities(issuer));
  auto keys =
      std::make_unique<KeyStore>(issuer.name, issuer.keys, FetcherOf(issuer, options), clock);
  if (!IsUrl(issuer.keys)) {
    const absl::Status read = keys->RefreshIfDue();
    if (!read.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat("the keys of ", issuer.name, " in ", issuer.keys, ": ", read.message()));
    }
  }
  std::string name = issuer.name;
  providers_.emplace(std::move(name), Provider{std::move(issuer), std::move(keys)});
  return absl::OkStatus();
}

absl::StatusOr<Grant> Verifier::Verify(std::string_view token, absl::Time now) {
  if (token.size() > kLongestToken) return Refuse(Refusal::kTooLong, "");
  const TokenDigest digest = DigestOf(token);
  if (const auto verified = FindVerified(digest, now)) return verified->grant;
  return Examine(token, digest, now);
}

std::optional<Grant> Verifier::Recall(std::string_view token, absl::Time now) {
  if (token.size() > kLongestToken) return std::nullopt;
  const auto verified = FindVerified(DigestOf(token), now);
  return verified == nullptr ? std::nullopt : std::optional(verified->grant);
}

std::shared_ptr<const VerifiedToken> Verifier::FindVerified(const TokenDigest& digest,
                                                            absl::Time now) {
  auto verified = verified_.Find(digest);
  if (verified == nullptr) return nullptr;
  if (now < verified->until && verified->keys->Holds(*verified->key)) return verified;
  verified_.Drop(digest);
  return nullptr;
}

Verifier::Provider* Verifier::ProviderOf(const TokenText& parts) {
  const auto name = parts.claims.find("iss");
  if (name == parts.claims.end() || !name->is_string()) return nullptr;
  const auto found = providers_.find(name->get_ref<const std::string&>());
  return found == providers_.end() ? nullptr : &found->second;
}

absl::StatusOr<Grant> Verifier::Examine(std::string_view token, const TokenDigest& digest,
                                        absl::Time now) {
  TokenText parts;
  Refusal refusal = ReadTokenText(token, parts);
  if (refusal != Refusal::kNone) return Refuse(refusal, "");
  Provider* provider = ProviderOf(parts);
  if (provider == nullptr) return Refuse(Refusal::kUnknownIssuer, "");
  const Issuer& issuer = provider->issuer;
  if (!HasType(parts, issuer)) return Refuse(Refusal::kWrongType, issuer.name);
  KeyStore::Lookup found = provider->keys->Find(parts.kid);
  if (found.retry_after.has_value()) return Wait(*found.retry_after, issuer.name);
  if (found.key == nullptr) return Refuse(Refusal::kUnknownKey, issuer.name);
  refusal = CheckSigned(parts, issuer, *found.key);
  if (refusal != Refusal::kNone) return Refuse(refusal, issuer.name);
  Grant grant;
  refusal = ReadClaims(parts.claims, issuer, now, grant);
  if (refusal != Refusal::kNone) return Refuse(refusal, issuer.name);
  const absl::Time until = grant.expires + issuer.clock_skew;
  verified_.Put(digest, {grant, std::move(found.key), provider->keys.get(), until});
  return grant;
}

}  // namespace veille::tokens
