#include "common/rpc/messages.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/unknown_field_set.h>
#include <grpcpp/impl/codegen/proto_utils.h>
#include <grpcpp/support/proto_buffer_reader.h>
#include <grpcpp/support/proto_buffer_writer.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/rpc/utf8.h"
#include "common/status/errors.h"
#include "google/protobuf/descriptor.h"

namespace veille::rpc {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using google::protobuf::UnknownField;
using google::protobuf::UnknownFieldSet;

constexpr int kDeepest = 32;

std::string ElementPath(const std::string& path, const FieldDescriptor& field, int i) {
  return field.is_repeated() ? absl::StrCat(path, field.name(), "[", i, "]")
                             : absl::StrCat(path, field.name());
}

// A message that did not parse, read again as unknown fields, to find the strings at fault.
void FindBadUtf8(const Descriptor& type, const UnknownFieldSet& fields, const std::string& path,
                 int depth, errors::Violations& violations) {
  if (depth > kDeepest) return;
  std::map<int, int> seen;  // of each field, how many elements
  for (int i = 0; i < fields.field_count(); ++i) {
    const UnknownField& field = fields.field(i);
    const FieldDescriptor* known = type.FindFieldByNumber(field.number());
    if (known == nullptr || field.type() != UnknownField::TYPE_LENGTH_DELIMITED) continue;
    const std::string name = ElementPath(path, *known, seen[field.number()]++);
    if (known->type() == FieldDescriptor::TYPE_STRING) {
      if (!IsUtf8(field.length_delimited())) {
        violations.Add(name, "is not valid UTF-8; send text encoded as UTF-8");
      }
    } else if (known->type() == FieldDescriptor::TYPE_MESSAGE) {
      UnknownFieldSet inner;
      if (inner.ParseFromString(field.length_delimited())) {
        FindBadUtf8(*known->message_type(), inner, name + ".", depth + 1, violations);
      }
    }
  }
}

// PostgreSQL's text cannot hold NUL: refused here, once, for every field of every request. Only
// fields that are set are visited, and a path is built only where the walk goes down or finds one.
void FindNul(const Message& message, const std::string& path, int depth,
             errors::Violations& violations) {
  if (depth > kDeepest) return;
  const Reflection& reflection = *message.GetReflection();
  std::vector<const FieldDescriptor*> set;
  reflection.ListFields(message, &set);
  for (const FieldDescriptor* field : set) {
    const bool is_string = field->type() == FieldDescriptor::TYPE_STRING;
    if (!is_string && field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    const int count = field->is_repeated() ? reflection.FieldSize(message, field) : 1;
    for (int i = 0; i < count; ++i) {
      if (is_string) {
        std::string scratch;
        const std::string& text =
            field->is_repeated()
                ? reflection.GetRepeatedStringReference(message, field, i, &scratch)
                : reflection.GetStringReference(message, field, &scratch);
        if (text.find('\0') != std::string::npos) {
          violations.Add(ElementPath(path, *field, i), "contains a NUL character; remove it");
        }
      } else {
        const Message& inner = field->is_repeated()
                                   ? reflection.GetRepeatedMessage(message, field, i)
                                   : reflection.GetMessage(message, field);
        FindNul(inner, ElementPath(path, *field, i) + ".", depth + 1, violations);
      }
    }
  }
}

// A text with NUL has it in the message's bytes too, and most messages have no zero byte at all.
bool HasZeroByte(const grpc::ByteBuffer& bytes) {
  std::vector<grpc::Slice> slices;
  if (!bytes.Dump(&slices).ok()) return true;
  return std::any_of(slices.begin(), slices.end(), [](const grpc::Slice& slice) {
    return std::memchr(slice.begin(), 0, slice.size()) != nullptr;
  });
}

absl::Status Malformed(const Message& message, const grpc::ByteBuffer& bytes) {
  errors::Violations violations;
  grpc::ByteBuffer copy = bytes;
  grpc::ProtoBufferReader reader(&copy);
  google::protobuf::io::CodedInputStream stream(&reader);
  UnknownFieldSet fields;
  if (fields.MergeFromCodedStream(&stream)) {
    FindBadUtf8(*message.GetDescriptor(), fields, "", 0, violations);
  }
  if (!violations.empty()) return violations.ToStatus();
  return errors::Make(absl::StatusCode::kInvalidArgument,
                      common::v1::ERROR_REASON_MALFORMED_REQUEST,
                      absl::StrCat("the request is not a ", message.GetDescriptor()->full_name(),
                                   ": its bytes cannot be parsed"));
}

}  // namespace

absl::Status Parse(const grpc::ByteBuffer& bytes, Message* message) {
  grpc::ByteBuffer copy = bytes;  // shares the slices
  bool parsed = false;
  {
    grpc::ProtoBufferReader reader(&copy);
    parsed = reader.status().ok() && message->ParseFromZeroCopyStream(&reader);
  }
  if (!parsed) return Malformed(*message, bytes);
  if (!HasZeroByte(bytes)) return absl::OkStatus();
  errors::Violations violations;
  FindNul(*message, "", 0, violations);
  return violations.ToStatus();
}

grpc::ByteBuffer Serialise(const Message& message) {
  grpc::ByteBuffer bytes;
  bool own = false;
  // Only fails when memory does.
  (void)grpc::SerializationTraits<Message>::Serialize(message, &bytes, &own);
  return bytes;
}

}  // namespace veille::rpc
