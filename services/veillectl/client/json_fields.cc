#include "veillectl/client/json_fields.h"

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace veille::veillectl {
namespace {

namespace protobuf = ::google::protobuf;
using nlohmann::json;

// Google's own messages have a JSON form of their own.
bool IsWellKnown(const protobuf::Descriptor& message) {
  return message.file()->package() == "google.protobuf";
}

std::string FieldsOf(const protobuf::Descriptor& message) {
  std::vector<std::string> names;
  for (int i = 0; i < message.field_count(); ++i) names.push_back(message.field(i)->name());
  return absl::StrJoin(names, ", ");
}

std::string ValuesOf(const protobuf::EnumDescriptor& type) {
  std::vector<std::string> names;
  for (int i = 1; i < type.value_count(); ++i) names.push_back(type.value(i)->name());
  return absl::StrJoin(names, ", ");
}

// As in the contract, or in camel case.
const protobuf::FieldDescriptor* FindField(const protobuf::Descriptor& message,
                                           const std::string& name) {
  if (const auto* field = message.FindFieldByName(name)) return field;
  for (int i = 0; i < message.field_count(); ++i) {
    if (message.field(i)->json_name() == name) return message.field(i);
  }
  return nullptr;
}

class Walk {
 public:
  std::vector<std::string> faults;

  void Object(const std::string& place, const json& object, const protobuf::Descriptor& message) {
    if (!object.is_object() || IsWellKnown(message)) return;
    for (const auto& [name, value] : object.items()) {
      const std::string at = place.empty() ? name : absl::StrCat(place, ".", name);
      const protobuf::FieldDescriptor* field = FindField(message, name);
      if (field == nullptr) {
        faults.push_back(absl::StrCat(at, ": is no field; there are ", FieldsOf(message)));
      } else if (value.is_array()) {
        for (size_t i = 0; i < value.size(); ++i) {
          Value(absl::StrCat(at, "[", i, "]"), value[i], *field);
        }
      } else {
        Value(at, value, *field);
      }
    }
  }

 private:
  void Value(const std::string& place, const json& value, const protobuf::FieldDescriptor& field) {
    if (const auto* message = field.message_type()) return Object(place, value, *message);
    const auto* type = field.enum_type();
    if (type == nullptr || !value.is_string()) return;
    if (type->FindValueByName(value.get<std::string>()) != nullptr) return;
    faults.push_back(absl::StrCat(place, ": is none of ", ValuesOf(*type)));
  }
};

}  // namespace

std::vector<std::string> UnknownNames(const json& value, const protobuf::Descriptor& message) {
  Walk walk;
  walk.Object("", value, message);
  return std::move(walk.faults);
}

}  // namespace veille::veillectl
