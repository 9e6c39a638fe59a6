#include "common/tokens/key_set.h"

#include <utility>

#include "absl/container/flat_hash_set.h"
#include "common/tokens/strict_json.h"

namespace veille::tokens {
namespace {

constexpr size_t kMostKeys = 100;

}  // namespace

absl::StatusOr<KeySet> KeySet::Parse(std::string_view text, std::vector<LeftOut>* left_out) {
  const auto parsed = ParseStrictJson(text);
  if (!parsed.has_value() || !parsed->is_object()) {
    return absl::InvalidArgumentError("it is no JSON object, or names a member twice");
  }
  const auto list = parsed->find("keys");
  if (list == parsed->end() || !list->is_array() || list->size() > kMostKeys) {
    return absl::InvalidArgumentError("it has no array of 100 keys at most as \"keys\"");
  }
  KeySet set;
  absl::flat_hash_set<std::string> ambiguous;
  for (size_t place = 0; place < list->size(); ++place) {
    auto key = ReadJwk((*list)[place]);
    if (key.ok()) {
      auto& entry = set.keys_[key->kid];
      if (entry == nullptr) {
        entry = std::make_shared<const VerificationKey>(*key);
      } else {
        ambiguous.insert(key->kid);
        key = absl::InvalidArgumentError("its key id stands there twice");
      }
    }
    if (!key.ok() && left_out != nullptr) left_out->push_back({place, key.status()});
  }
  for (const std::string& kid : ambiguous) set.keys_.erase(kid);
  if (set.keys_.empty()) return absl::InvalidArgumentError("it has no key that can be used");
  return set;
}

void KeySet::KeepFrom(const KeySet& before) {
  for (auto& [kid, key] : keys_) {
    const auto older = before.Find(kid);
    if (older != nullptr && older->material == key->material) key = older;
  }
}

std::shared_ptr<const VerificationKey> KeySet::Find(std::string_view kid) const {
  const auto found = keys_.find(absl::string_view(kid.data(), kid.size()));
  return found == keys_.end() ? nullptr : found->second;
}

}  // namespace veille::tokens
