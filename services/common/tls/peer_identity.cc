#include "common/tls/peer_identity.h"

#include <grpc/grpc_security_constants.h>

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "common/status/errors.h"
#include "common/status/macros.h"

namespace veille::tls {
namespace {

constexpr std::string_view kScheme = "spiffe://";
constexpr size_t kLongestId = 2048;
constexpr size_t kLongestTrustDomain = 255;

absl::Status NotSpiffe(std::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat("no SPIFFE ID: ", std::string(why)));
}

bool OfTrustDomain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
}

bool OfPath(char c) { return OfTrustDomain(c) || (c >= 'A' && c <= 'Z'); }

bool IsSegment(std::string_view text) {
  return !text.empty() && text != "." && text != ".." && std::ranges::all_of(text, OfPath);
}

}  // namespace

absl::StatusOr<Identity> ParseSpiffeId(std::string_view uri) {
  if (uri.size() > kLongestId) return NotSpiffe("longer than 2048 bytes");
  if (!uri.starts_with(kScheme)) return NotSpiffe("its scheme is not spiffe");
  uri.remove_prefix(kScheme.size());
  const size_t slash = uri.find('/');
  const std::string_view trust_domain = uri.substr(0, slash);
  if (trust_domain.empty() || trust_domain.size() > kLongestTrustDomain ||
      !std::ranges::all_of(trust_domain, OfTrustDomain)) {
    return NotSpiffe("its trust domain is malformed");
  }
  if (slash == std::string_view::npos) return NotSpiffe("it has no path");
  Identity identity{.trust_domain = std::string(trust_domain), .path = {}};
  for (size_t begin = slash + 1; begin <= uri.size();) {
    const size_t end = std::min(uri.find('/', begin), uri.size());
    const std::string_view segment = uri.substr(begin, end - begin);
    if (!IsSegment(segment)) return NotSpiffe("its path is malformed");
    identity.path.emplace_back(segment);
    begin = end + 1;
  }
  return identity;
}

absl::StatusOr<std::optional<Identity>> PeerIdentity(const grpc::AuthContext& context) {
  // gRPC sets the first only for a leaf that has exactly one URI, and the second for every leaf.
  static const auto* const kSpiffeId = new std::string(GRPC_PEER_SPIFFE_ID_PROPERTY_NAME);
  static const auto* const kCertificate = new std::string(GRPC_X509_PEM_CERT_PROPERTY_NAME);
  const auto ids = context.FindPropertyValues(*kSpiffeId);
  if (ids.size() == 1) {
    auto identity = ParseSpiffeId(std::string_view(ids.front().data(), ids.front().size()));
    if (identity.ok()) return std::optional<Identity>(*std::move(identity));
  } else if (ids.empty() && context.FindPropertyValues(*kCertificate).empty()) {
    return std::optional<Identity>();
  }
  return errors::Make(absl::StatusCode::kUnauthenticated,
                      ::veille::common::v1::ERROR_REASON_UNAUTHENTICATED,
                      "the certificate has not exactly one URI that is a SPIFFE ID; present one "
                      "that names who you are");
}

}  // namespace veille::tls
