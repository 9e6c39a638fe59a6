#pragma once

// What the PEM files of one end hold, read and checked before gRPC sees it.

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/tls/credentials.h"

namespace veille::tls {

struct Material {
  std::string pair;       // certificates, then the key, in PEM; empty when the files name none
  std::string authority;  // PEM

  friend bool operator==(const Material&, const Material&) = default;
};

// INVALID_ARGUMENT names the file and what is wrong with it, never what stands in it.
absl::StatusOr<Material> ReadMaterial(const Files& files, absl::Time now);

}  // namespace veille::tls
