#include "tenant_registry/domain/household_correction.h"

#include <algorithm>

#include "tenant_registry/domain/phone_number.h"

namespace veille::tenant_registry {
namespace {

// The number that the text is; nothing when it is none, or several.
std::optional<PhoneNumber> ReadOnly(const std::string& text, std::string_view region) {
  std::vector<PhoneNumber> numbers = ReadPhones(text, region);
  if (numbers.size() != 1 || numbers[0].verdict == PhoneVerdict::kInvalid) return std::nullopt;
  return std::move(numbers[0]);
}

}  // namespace

ReadList ReadTyped(const std::vector<TypedPhone>& typed, std::string_view region) {
  ReadList list;
  for (size_t i = 0; i < typed.size(); ++i) {
    if (typed[i].text.empty()) continue;
    std::optional<PhoneNumber> number = ReadOnly(typed[i].text, region);
    if (!number.has_value()) {
      list.unreadable.push_back(i);
      continue;
    }
    const PhoneVerdict verdict = typed[i].works ? number->verdict : PhoneVerdict::kNotWorking;
    list.phones.push_back({std::move(number->e164), verdict, "", std::move(number->original)});
  }
  list.phones = WithoutRepetition(std::move(list.phones));
  return list;
}

ReadContacts ReadTyped(const std::vector<TypedContact>& typed, std::string_view region) {
  ReadContacts read;
  for (size_t i = 0; i < typed.size(); ++i) {
    std::optional<PhoneNumber> number = ReadOnly(typed[i].phone, region);
    if (!number.has_value() && !typed[i].phone.empty()) {
      read.unreadable.push_back(i);
      continue;
    }
    read.contacts.push_back({typed[i].name, number.has_value() ? number->e164 : ""});
  }
  return read;
}

std::vector<HouseholdChange> EndingChanges(HouseholdId household, const CorrectionEffect& effect) {
  std::vector<HouseholdChange> changes;
  if (effect.household_left) changes.push_back({household, 0, ChangeKind::kLeft, {}, {}});
  if (effect.household_objects) changes.push_back({household, 0, ChangeKind::kObjection, {}, {}});
  if (!effect.object.empty()) {
    changes.push_back({household, 0, ChangeKind::kObjection, effect.object, {}});
  }
  if (!effect.died.empty()) {
    changes.push_back({household, 0, ChangeKind::kDeceased, effect.died, {}});
  }
  return changes;
}

}  // namespace veille::tenant_registry
