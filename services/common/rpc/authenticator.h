#pragma once

// Who calls, from what the connection proves and the call says. One per server; any thread.

#include <grpcpp/server_context.h>

#include <string_view>

#include "absl/status/statusor.h"
#include "common/access/caller.h"

namespace veille::rpc {

class Authenticator {
 public:
  virtual ~Authenticator() = default;

  // UNAUTHENTICATED, with what is missing, when nobody is proven; UNAVAILABLE with RetryInfo when
  // that cannot be told yet (an issuer's new key is being fetched). Does not block.
  virtual absl::StatusOr<access::Caller> Identify(
      const grpc::CallbackServerContext& context) const = 0;
};

// Callers are what their metadata say (access/caller.h). For servers on loopback without TLS.
class BelievingAuthenticator final : public Authenticator {
 public:
  absl::StatusOr<access::Caller> Identify(
      const grpc::CallbackServerContext& context) const override;
};

// The value of a metadata key; empty when it is absent, and when it is given twice: which of the
// two would be meant? Lives as long as the context.
std::string_view MetadataOf(const grpc::ServerContextBase& context, std::string_view key);

}  // namespace veille::rpc
