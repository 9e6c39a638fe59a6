#pragma once

// Values of the contract's enums as people write them: NEED_HOME_HELP is "home-help".

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "google/protobuf/generated_enum_reflection.h"

namespace veille::veillectl {

// "NEED_", from the name of the zero value.
template <typename Enum>
std::string PrefixOf() {
  const std::string zero = google::protobuf::GetEnumDescriptor<Enum>()->value(0)->name();
  return std::string(absl::StripSuffix(zero, "UNSPECIFIED"));
}

template <typename Enum>
std::string NameOf(Enum value) {
  const auto* known = google::protobuf::GetEnumDescriptor<Enum>()->FindValueByNumber(value);
  if (known == nullptr) return "unknown";
  if (known->number() == 0) return "-";
  const std::string name(absl::StripPrefix(known->name(), PrefixOf<Enum>()));
  return absl::AsciiStrToLower(absl::StrReplaceAll(name, {{"_", "-"}}));
}

// The names of all values but the zero.
template <typename Enum>
std::vector<std::string> AllNames() {
  std::vector<std::string> names;
  const auto* descriptor = google::protobuf::GetEnumDescriptor<Enum>();
  for (int i = 1; i < descriptor->value_count(); ++i) {
    names.push_back(NameOf(static_cast<Enum>(descriptor->value(i)->number())));
  }
  return names;
}

// Reads what NameOf writes. Zero when it is none: commands check names against AllNames before.
template <typename Enum>
Enum ValueOf(const std::string& name) {
  const std::string full =
      PrefixOf<Enum>() + absl::AsciiStrToUpper(absl::StrReplaceAll(name, {{"-", "_"}}));
  const auto* value = google::protobuf::GetEnumDescriptor<Enum>()->FindValueByName(full);
  return value == nullptr ? Enum() : static_cast<Enum>(value->number());
}

}  // namespace veille::veillectl
