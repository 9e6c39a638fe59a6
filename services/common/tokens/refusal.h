#pragma once

// Why a token is refused. For the log and the tests only: whoever sends a bad token hears one and
// the same sentence, so that nobody can feel his way to a good one.

#include <string_view>

#include "absl/status/status.h"

namespace veille::tokens {

enum class Refusal {
  kNone,  // not refused
  // The text.
  kTooLong,
  kNotThreeParts,
  kBadEncoding,
  kBadJson,
  kDuplicateMember,
  kTooDeep,
  // The header.
  kCritical,
  kEmbeddedKey,
  kWrongType,
  kWrongAlgorithm,
  kNoKeyId,
  // The key and the signature.
  kUnknownIssuer,
  kUnknownKey,
  kAlgorithmOfAnotherKey,
  kBadSignature,
  kHighSignature,
  // The claims.
  kWrongAudience,
  kBadTime,
  kExpired,
  kNotYetValid,
  kIssuedInTheFuture,
  kLivesTooLong,
  kIdentityToken,
  kBadPerson,
  kBadRoles,
  kNoRole,
  kBadLandlord,
  kBadPartner,
};

// As the log has it: "expired", "unknown-key".
std::string_view NameOf(Refusal refusal);

// What the client hears: UNAUTHENTICATED, the same for every reason.
absl::Status NotAccepted();

}  // namespace veille::tokens
