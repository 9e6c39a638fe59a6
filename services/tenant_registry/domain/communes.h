#pragma once

// The list of French communes, linked into the binary (data/README.md).

#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"

namespace veille::tenant_registry {

struct Commune {
  std::string_view code;  // INSEE
  std::string_view name;
  std::string_view time_zone;  // IANA name
  std::string_view region;     // of phone numbers: FR, GP, MQ, GF, RE, PM, YT, NC, PF, WF, BL, MF
};

// Threads: any. All views point into the binary.
class Communes {
 public:
  // The list of the binary; read once.
  static const Communes& All();

  // By INSEE code; the city for one of its arrondissements. Null when unknown.
  const Commune* Find(std::string_view code) const;

  // By postal code and name, whatever its case, accents and hyphens, with St for Saint. Null when
  // there is none.
  const Commune* FindByName(std::string_view postal_code, std::string_view name) const;

 private:
  explicit Communes(std::string_view csv);
  void Add(std::string_view line);

  std::vector<Commune> communes_;
  absl::flat_hash_map<std::string_view, size_t> by_code_;
  absl::flat_hash_map<std::string, size_t> by_name_;  // "31290 villefranche de lauragais"
};

}  // namespace veille::tenant_registry
