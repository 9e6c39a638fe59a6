#pragma once

// The keys that sign the heads of audit trails (Ed25519).

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

struct evp_pkey_st;

namespace veille::audit {

// Threads: any, after it was read.
class Keys {
 public:
  // From PEM: one private key, which signs, and any number of public keys of earlier ones, whose
  // signatures are still verified. INVALID_ARGUMENT, without quoting the content, when it is
  // anything else.
  static absl::StatusOr<std::unique_ptr<Keys>> FromPem(std::string_view pem);
  // From a file. FAILED_PRECONDITION when it cannot be read.
  static absl::StatusOr<std::unique_ptr<Keys>> FromFile(const std::string& path);
  ~Keys();

  // Of the key that signs: the first 16 hexadecimal digits of the public key's SHA-256.
  const std::string& id() const { return id_; }

  // 64 bytes.
  std::string Sign(std::string_view message) const;

  bool Knows(const std::string& key_id) const { return public_.contains(key_id); }
  // Whether `key_id` signed the message; false for an unknown key.
  bool Verify(const std::string& key_id, std::string_view message,
              std::string_view signature) const;

 private:
  struct Freer {
    void operator()(evp_pkey_st* key) const;
  };
  using Key = std::unique_ptr<evp_pkey_st, Freer>;

  Keys() = default;
  absl::Status Add(Key key, bool is_private);

  std::string id_;
  Key private_;
  std::map<std::string, Key> public_;  // by id; the private one's too
};

}  // namespace veille::audit
