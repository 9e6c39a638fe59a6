#pragma once

// Brings a provider's key set: from a file, or over https.
//
// Over https: the certificate and the name are verified, redirects are not followed, 256 KB and
// `timeout` at most, and only the answer 200 counts. Nothing else is fetched, but plain http from
// this machine where the options say so.
//
// Threads: any. Errors: INVALID_ARGUMENT for a location that is never fetched, NOT_FOUND for a file
// that is not there, CANCELLED when `stop` was asked for, and UNAVAILABLE.

#include <functional>
#include <stop_token>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace veille::tokens {

inline constexpr size_t kMostKeyBytes = 256 * 1024;

struct FetchOptions {
  absl::Duration timeout = absl::Seconds(5);
  // Takes http://127.0.0.1, http://[::1] and http://localhost: for tests and for a provider of
  // identities on a developer's machine.
  bool loopback_http = false;
  std::string authorities;  // a PEM file of authorities; empty: those of the system
};

// Whether a location is an address and not the path of a file.
bool IsUrl(std::string_view location);

// INVALID_ARGUMENT when it is an address that would never be fetched.
absl::Status CheckLocation(const std::string& location, const FetchOptions& options);

absl::StatusOr<std::string> FetchKeys(const std::string& location, const FetchOptions& options,
                                      std::stop_token stop);

// A file of 256 KB at most.
absl::StatusOr<std::string> ReadKeyFile(const std::string& path);

}  // namespace veille::tokens
