#include "e2e/broken_requests.h"

#include <google/protobuf/dynamic_message.h>

#include <cstdint>
#include <limits>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/ids/uuid.h"

namespace veille::e2e {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

constexpr size_t kDeepest = 5;
// Replaced in the bytes by as many that are no UTF-8.
constexpr char kPlaceholder[] = "@@bytes@@";

template <typename Number>
BrokenValue NumberOf(std::string name, Number number) {
  return {std::move(name), [number](Message& message, const FieldDescriptor& field) {
            const Reflection& reflection = *message.GetReflection();
            const bool many = field.is_repeated();
            switch (field.cpp_type()) {
              case FieldDescriptor::CPPTYPE_INT32: {
                const auto value = static_cast<int32_t>(number);
                many ? reflection.AddInt32(&message, &field, value)
                     : reflection.SetInt32(&message, &field, value);
                break;
              }
              case FieldDescriptor::CPPTYPE_INT64: {
                const auto value = static_cast<int64_t>(number);
                many ? reflection.AddInt64(&message, &field, value)
                     : reflection.SetInt64(&message, &field, value);
                break;
              }
              case FieldDescriptor::CPPTYPE_ENUM: {
                const auto value = static_cast<int>(number);
                many ? reflection.AddEnumValue(&message, &field, value)
                     : reflection.SetEnumValue(&message, &field, value);
                break;
              }
              default:
                break;
            }
          }};
}

BrokenValue Text(std::string name, std::string text, bool named) {
  return {std::move(name),
          [text](Message& message, const FieldDescriptor& field) {
            const Reflection& reflection = *message.GetReflection();
            field.is_repeated() ? reflection.AddString(&message, &field, text)
                                : reflection.SetString(&message, &field, text);
          },
          named};
}

std::vector<BrokenValue> ValuesOf(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING: {
      std::string huge;
      while (huge.size() < 100'000) absl::StrAppend(&huge, kMarker, " ");
      if (field.type() == FieldDescriptor::TYPE_BYTES) {
        return {Text("over-long", huge, true), Text("a byte", "M", false)};
      }
      return {Text("over-long", huge, true),
              Text("not UTF-8", absl::StrCat(kMarker, kPlaceholder), true),
              Text("with NUL", std::string("Marqueur\0x", 10), true),
              Text("unknown id", ids::Uuid::Random().ToString(), false),
              Text("no id", absl::StrCat(kMarker, "' OR 1=1; --"), false)};
    }
    case FieldDescriptor::CPPTYPE_INT32:
    case FieldDescriptor::CPPTYPE_ENUM:
      return {NumberOf("-1", -1), NumberOf("least", std::numeric_limits<int32_t>::min()),
              NumberOf("most", std::numeric_limits<int32_t>::max())};
    case FieldDescriptor::CPPTYPE_INT64:
      return {NumberOf("-1", -1), NumberOf("least", std::numeric_limits<int64_t>::min()),
              NumberOf("most", std::numeric_limits<int64_t>::max())};
    default:
      return {};
  }
}

}  // namespace

BrokenRequests::BrokenRequests(const Descriptor& type)
    : prototype_(google::protobuf::MessageFactory::generated_factory()->GetPrototype(&type)) {
  Walk(type, {});
}

void BrokenRequests::Walk(const Descriptor& type, const Way& way) {
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor* field = type.field(i);
    Way longer = way;
    longer.push_back(field);
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      if (longer.size() < kDeepest) Walk(*field->message_type(), longer);
      continue;
    }
    for (BrokenValue& value : ValuesOf(*field)) Add(longer, std::move(value));
  }
}

void BrokenRequests::Add(const Way& way, BrokenValue value) {
  const std::unique_ptr<Message> request(prototype_->New());
  Message* at = request.get();
  std::string path;
  for (const FieldDescriptor* field : way) {
    absl::StrAppend(&path, path.empty() ? "" : ".", field->name(),
                    field->is_repeated() ? "[0]" : "");
    if (field == way.back()) {
      value.put(*at, *field);
    } else {
      const Reflection& reflection = *at->GetReflection();
      at = field->is_repeated() ? reflection.AddMessage(at, field)
                                : reflection.MutableMessage(at, field);
    }
  }
  std::string bytes = absl::StrReplaceAll(request->SerializeAsString(),
                                          {{kPlaceholder, "\xff\xfe\xc0\x80\xed\xa0\x80\xf5\x80"}});
  all_.push_back({std::move(path), std::move(value), std::move(bytes)});
}

}  // namespace veille::e2e
