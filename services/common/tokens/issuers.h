#pragma once

// The providers of identities whose access tokens are taken, from a JSON file: an array of them, or
// {"issuers": [...]}.
//
//   [{"issuer": "https://login.example/realms/veille",
//     "audience": "veille",
//     "keys": "https://login.example/realms/veille/certs",
//     "claims": {"roles": "realm_access.roles"},
//     "roles": {"callers": "volunteer", "desk": "coordinator"}}]
//
//   issuer       required: `iss` of its tokens
//   audience     required: what stands in their `aud`
//   keys         required: where its key set is: https, or a file, from this file's folder on
//   claims       which claims say `person` ("sub"), `roles` ("veille_roles"), `landlord`
//                ("veille_landlord") and `partner` ("veille_partner"); a dot leads into an object
//   roles        its names for our roles; without it, our own names
//   landlords    UUIDs of those it speaks for; without it, all
//   clock_skew   seconds by which clocks may differ: 0 (the default) to 60
//   lifetime     the most seconds from `iat` to `exp`: 60 to 604800, 43200 by default
//   authorities  a PEM file of the authorities that certify where `keys` is; without it, those that
//                the system trusts
//   type         "at+jwt" (the default), or "JWT" for a provider that does not mark its access
//                tokens as RFC 9068 wants; then its audience must be no application's own
//   high_s       true takes ES256 signatures with the greater s, which many libraries make half of
//                the time; false by default
//
// Of several providers each can speak for any landlord that `landlords` does not withhold from it.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/access/caller.h"
#include "common/ids/uuid.h"

namespace veille::tokens {

struct ClaimNames {
  std::string person = "sub";
  std::string roles = "veille_roles";
  std::string landlord = "veille_landlord";
  std::string partner = "veille_partner";
};

struct Issuer {
  std::string name;
  std::string audience;
  std::string keys;         // https://…, or an absolute path
  std::string authorities;  // an absolute path; empty: those of the system
  ClaimNames claims;
  std::map<std::string, access::Role> roles = OwnRoles();
  std::vector<ids::LandlordId> landlords;  // empty: all
  absl::Duration clock_skew = absl::ZeroDuration();
  absl::Duration longest_lifetime = absl::Hours(12);
  bool takes_unmarked_type = false;  // "type": "JWT"
  bool takes_high_s = false;

  // The roles that a person can have, by our names. A service proves itself by its certificate,
  // never by a token.
  static std::map<std::string, access::Role> OwnRoles();
};

// INVALID_ARGUMENT with what is wrong and where: a member that is unknown or missing, a limit, an
// issuer that comes twice, none at all.
absl::StatusOr<std::vector<Issuer>> ReadIssuers(const std::string& path);

// The same from the text of the file; `folder` is where relative paths begin.
absl::StatusOr<std::vector<Issuer>> ParseIssuers(std::string_view text, const std::string& folder);

}  // namespace veille::tokens
