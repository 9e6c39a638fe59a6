#pragma once

#include <openssl/evp.h>

#include <memory>
#include <string>
#include <string_view>

namespace veille::veillectl {

// 32 bytes.
std::string Sha256(std::string_view bytes);

// The same of bytes that come part by part.
class Sha256Stream {
 public:
  Sha256Stream();

  void Add(std::string_view bytes);
  // Once, at the end.
  std::string Finish();

 private:
  std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context_;
};

// A UUID (version 8, RFC 9562) that is the same for the same name: an act that is repeated after a
// crash has the same request id, and is not done twice.
std::string NamedUuid(std::string_view name);

}  // namespace veille::veillectl
