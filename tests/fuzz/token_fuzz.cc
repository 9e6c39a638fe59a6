// Any text as an access token: it is refused in the one sentence, or what it grants is in order.
//
// The first letter says what the rest is: T the text of a token; P a header, a line break, and
// claims, which are then well signed, so that the checks behind the signature are tried too.

#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>

#include "common/telemetry/log.h"
#include "common/tokens/base64url.h"
#include "common/tokens/minting.h"
#include "common/tokens/verifier.h"
#include "fuzz/fuzz_target.h"
#include "testing/fake_clock.h"

namespace {

using namespace veille::tokens;  // NOLINT: the library is the subject

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);

// That of RFC 8037: the corpus holds tokens that it signed.
constexpr char kKey[] =
    "-----BEGIN PRIVATE KEY-----\n"
    "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n"
    "-----END PRIVATE KEY-----\n";

void Expect(bool holds, const char* what) {
  if (holds) return;
  std::cerr << "does not hold: " << what << "\n";
  std::abort();
}

struct Subject {
  Subject() {
    veille::log::Start("fuzz", veille::log::Level::kError);
    Issuer issuer;
    issuer.name = "https://login.example";
    issuer.audience = "veille";
    issuer.keys = "keys";
    VerifierOptions options;
    options.fetcher = [this](const std::string&, std::stop_token) { return PublicJwks({key}); };
    options.most_remembered = 100;
    verifier = Verifier::Start({issuer}, clock, options).value();
  }

  const SigningKey key = SigningKey::FromPem(kKey, "a").value();
  const veille::testing::FakeClock clock{kNow};
  std::unique_ptr<Verifier> verifier;
};

void CheckGrant(const Grant& grant) {
  Expect(grant.issuer == "https://login.example", "the issuer is the one that is known");
  Expect(!grant.subject.empty() && grant.subject.size() <= 200, "there is a person");
  Expect(grant.subject.find('\n') == std::string::npos, "a person has one line");
  Expect(!grant.roles.empty() && grant.roles.size() <= 5, "there are roles");
  for (const auto role : grant.roles) {
    Expect(role >= veille::common::v1::ROLE_VOLUNTEER && role <= veille::common::v1::ROLE_PARTNER,
           "they are people's or partners'");
  }
  Expect(grant.expires > kNow && grant.expires <= kNow + absl::Hours(12), "it ends in time");
}

void CheckToken(Verifier& verifier, const std::string& token) {
  const auto first = verifier.Verify(token, kNow);
  const auto again = verifier.Verify(token, kNow);
  Expect(first.status() == again.status(), "the answer is the same each time");
  if (first.ok()) {
    CheckGrant(*first);
    CheckGrant(*again);
  } else {
    // Of a key id that is not known: it may yet come.
    Expect(first.status() == NotAccepted() || absl::IsUnavailable(first.status()),
           "there is one sentence for all refusals");
  }
}

void CheckText(const std::string& token) {
  TokenText parts;
  if (ReadTokenText(token, parts) != Refusal::kNone) return;
  const std::string signature = EncodeBase64Url(parts.signature);
  Expect(std::string(parts.signed_text) + "." + signature == token, "a token has one text");
  Expect(parts.claims.is_object() && !parts.kid.empty() && !parts.type.empty(), "it has all parts");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const Subject subject;
  if (size == 0) return 0;
  const std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  std::string token(rest);
  if (data[0] == 'P') {
    const size_t end = rest.find('\n');
    if (end == rest.npos) return 0;
    token = MintText(subject.key, rest.substr(0, end), rest.substr(end + 1)).value();
  }
  CheckText(token);
  CheckToken(*subject.verifier, token);
  return 0;
}
