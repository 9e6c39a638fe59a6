#pragma once

// The list of French communes, linked into the binary (data/README.md).

#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"

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

  // By postal code and name, whatever its case, accents and hyphens, with St for Saint. Where the
  // postal code has no commune of that name (a district, half a name): the only one of its communes
  // that shares all words of the shorter name. Where no commune of France has it (merged into
  // another since): the only one that shares a long word, or the only one there is. Null when there
  // is none.
  const Commune* FindByName(std::string_view postal_code, std::string_view name) const;

 private:
  explicit Communes(std::string_view csv);
  void Add(std::string_view line);
  const Commune* FindAlike(std::string_view postal_code, const std::string& plain_name) const;

  std::vector<Commune> communes_;
  absl::flat_hash_map<std::string_view, size_t> by_code_;
  absl::flat_hash_map<std::string, size_t> by_name_;  // "31290 villefranche de lauragais"
  absl::flat_hash_map<std::string_view, std::vector<size_t>> by_postal_code_;
  absl::flat_hash_set<std::string> names_;  // "villefranche de lauragais"
};

}  // namespace veille::tenant_registry
