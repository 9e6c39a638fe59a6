#include "referral/convert/personal_items.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/text_format.h>

#include <string>

#include "referral/convert/fields.h"
#include "veille/common/v1/privacy.pb.h"

namespace veille::referral {
namespace {

namespace common = ::veille::common::v1;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

common::Privacy PrivacyOf(const FieldDescriptor& field, common::Privacy of_outer) {
  const auto own = field.options().GetExtension(common::privacy);
  if (own != common::PRIVACY_UNSPECIFIED) return own;
  const auto usual = field.containing_type()->options().GetExtension(common::privacy_default);
  return usual != common::PRIVACY_UNSPECIFIED ? usual : of_outer;
}

bool IsPersonal(common::Privacy privacy) {
  switch (privacy) {
    case common::PRIVACY_IDENTITY:
    case common::PRIVACY_CONTACT:
    case common::PRIVACY_WELFARE:
    case common::PRIVACY_FREE_TEXT:
      return true;
    default:
      return false;
  }
}

// `at` is -1 for a field that is no list.
std::string ValueAsText(const Message& message, const FieldDescriptor& field, int at) {
  if (field.type() == FieldDescriptor::TYPE_STRING) {
    const Reflection& reflection = *message.GetReflection();
    return at < 0 ? reflection.GetString(message, &field)
                  : reflection.GetRepeatedString(message, &field, at);
  }
  std::string text;
  google::protobuf::TextFormat::PrintFieldValueToString(message, &field, at, &text);
  return text;
}

void Gather(const Message& message, const std::string& outer, common::Privacy of_outer,
            std::vector<DisclosedItem>& items) {
  const Reflection& reflection = *message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    const common::Privacy privacy = PrivacyOf(*field, of_outer);
    const std::string name = outer.empty() ? field->name() : rpc::In(outer, field->name());
    const int entries = field->is_repeated() ? reflection.FieldSize(message, field) : 0;
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      if (!field->is_repeated()) {
        Gather(reflection.GetMessage(message, field), name, privacy, items);
      }
      for (int i = 0; i < entries; ++i) {
        Gather(reflection.GetRepeatedMessage(message, field, i), At(name, i), privacy, items);
      }
      continue;
    }
    if (!IsPersonal(privacy)) continue;
    DisclosedItem& item = items.emplace_back(DisclosedItem{.name = name, .values = {}});
    if (!field->is_repeated()) item.values.push_back(ValueAsText(message, *field, -1));
    for (int i = 0; i < entries; ++i) item.values.push_back(ValueAsText(message, *field, i));
  }
}

}  // namespace

std::vector<DisclosedItem> PersonalItemsOf(const Message& message) {
  std::vector<DisclosedItem> items;
  Gather(message, /*outer=*/"", common::PRIVACY_NONE, items);
  return items;
}

}  // namespace veille::referral
