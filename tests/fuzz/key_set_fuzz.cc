// Any text as a provider's key set: it is refused, or it has keys, the same each time. Sets with an
// RSA key may differ: OpenSSL tries a modulus by numbers that it draws, and what no generator of
// keys has made may pass once and not again.

#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include "common/tokens/key_set.h"
#include "common/tokens/strict_json.h"
#include "fuzz/fuzz_target.h"

namespace {

using namespace veille::tokens;  // NOLINT: the library is the subject

void Expect(bool holds, const char* what) {
  if (holds) return;
  std::cerr << "does not hold: " << what << "\n";
  std::abort();
}

// The key ids that the text has; all keys are found by theirs, or left out.
size_t CountFound(const KeySet& set, const nlohmann::json& parsed) {
  size_t found = 0;
  for (const auto& key : parsed["keys"]) {
    if (!key.is_object() || !key.contains("kid") || !key["kid"].is_string()) continue;
    const auto kid = key["kid"].get<std::string>();
    if (const auto used = set.Find(kid)) {
      Expect(used->kid == kid && used->key != nullptr && !used->material.empty(), "it is whole");
      ++found;
    }
  }
  return found;
}

bool HasRsa(const nlohmann::json& parsed) {
  for (const auto& key : parsed["keys"]) {
    if (key.is_object() && key.value("kty", nlohmann::json()) == "RSA") return true;
  }
  return false;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  std::vector<KeySet::LeftOut> left_out;
  const auto set = KeySet::Parse(text, &left_out);
  for (const auto& [place, why] : left_out) {
    Expect(absl::IsInvalidArgument(why) || absl::IsUnimplemented(why),
           "a key is left out for cause");
  }
  if (!set.ok()) {
    Expect(absl::IsInvalidArgument(set.status()), "what is no key set is an invalid argument");
    return 0;
  }
  const auto parsed = ParseStrictJson(text);
  Expect(parsed.has_value(), "a key set is JSON");
  Expect(set->size() > 0 && CountFound(*set, *parsed) >= set->size(), "all keys are found");
  auto again = KeySet::Parse(text);
  Expect(HasRsa(*parsed) || (again.ok() && again->size() == set->size()),
         "it is the same each time");
  if (!again.ok()) return 0;
  again->KeepFrom(*set);
  CountFound(*again, *parsed);
  return 0;
}
