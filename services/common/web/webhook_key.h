#pragma once

// Keys that sign webhooks as the Standard Webhooks specification (1.0.0) says, so that a partner
// verifies them with any of its published libraries.
//
//   v1   HMAC-SHA256; whsec_<base64>; both sides have the secret
//   v1a  Ed25519; whsk_<base64> stays here, whpk_<base64> is the partner's
//
// Threads: any; nothing changes after a key was made. A key is a secret: it is never logged.

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace veille::web {

class WebhookKey {
 public:
  enum class Algorithm { kHmacSha256 = 1, kEd25519 };

  static absl::StatusOr<WebhookKey> Generate(Algorithm algorithm);
  // whsec_… of 24 to 64 bytes, or whsk_… of a seed (32 bytes) or of a seed and its public key (64).
  // INVALID_ARGUMENT, without the text.
  static absl::StatusOr<WebhookKey> Parse(std::string_view text);

  Algorithm algorithm() const { return algorithm_; }
  // What signs: whsec_… or whsk_…
  std::string Secret() const;
  // What the partner verifies with: whsec_… or whpk_…
  std::string ForPartner() const;

  // "v1,<base64>" or "v1a,<base64>".
  absl::StatusOr<std::string> Sign(std::string_view id, absl::Time time,
                                   std::string_view body) const;

 private:
  WebhookKey(Algorithm algorithm, std::string bytes)
      : algorithm_(algorithm), bytes_(std::move(bytes)) {}

  Algorithm algorithm_;
  std::string bytes_;  // the secret, or the seed and its public key
};

// The three headers of a message, signed by each of the keys. `id` stays the same when a message is
// sent again; `time` is that of the try.
absl::StatusOr<std::vector<std::string>> SignedHeaders(const std::vector<WebhookKey>& keys,
                                                       std::string_view id, absl::Time time,
                                                       std::string_view body);

}  // namespace veille::web
