#include "common/tokens/refusal.h"

#include "common/status/errors.h"

namespace veille::tokens {

std::string_view NameOf(Refusal refusal) {
  switch (refusal) {
    case Refusal::kNone:
      return "none";
    case Refusal::kTooLong:
      return "too-long";
    case Refusal::kNotThreeParts:
      return "not-three-parts";
    case Refusal::kBadEncoding:
      return "bad-encoding";
    case Refusal::kBadJson:
      return "bad-json";
    case Refusal::kDuplicateMember:
      return "duplicate-member";
    case Refusal::kTooDeep:
      return "too-deep";
    case Refusal::kCritical:
      return "critical-header";
    case Refusal::kEmbeddedKey:
      return "embedded-key";
    case Refusal::kWrongType:
      return "wrong-type";
    case Refusal::kWrongAlgorithm:
      return "wrong-algorithm";
    case Refusal::kNoKeyId:
      return "no-key-id";
    case Refusal::kUnknownIssuer:
      return "unknown-issuer";
    case Refusal::kUnknownKey:
      return "unknown-key";
    case Refusal::kAlgorithmOfAnotherKey:
      return "algorithm-of-another-key";
    case Refusal::kBadSignature:
      return "bad-signature";
    case Refusal::kHighSignature:
      return "high-signature";
    case Refusal::kWrongAudience:
      return "wrong-audience";
    case Refusal::kBadTime:
      return "bad-time";
    case Refusal::kExpired:
      return "expired";
    case Refusal::kNotYetValid:
      return "not-yet-valid";
    case Refusal::kIssuedInTheFuture:
      return "issued-in-the-future";
    case Refusal::kLivesTooLong:
      return "lives-too-long";
    case Refusal::kIdentityToken:
      return "identity-token";
    case Refusal::kBadPerson:
      return "bad-person";
    case Refusal::kBadRoles:
      return "bad-roles";
    case Refusal::kNoRole:
      return "no-role";
    case Refusal::kBadLandlord:
      return "bad-landlord";
    case Refusal::kBadPartner:
      return "bad-partner";
  }
  return "unknown";
}

absl::Status NotAccepted() {
  return errors::Make(absl::StatusCode::kUnauthenticated, common::v1::ERROR_REASON_UNAUTHENTICATED,
                      "the access token is not accepted; sign in again and send a new one");
}

}  // namespace veille::tokens
