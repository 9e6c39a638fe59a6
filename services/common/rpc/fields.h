#pragma once

// Reading fields of requests. Each reader gives a value that fits its type, or notes a violation
// and gives an empty one: so that all that is wrong is told at once.

#include <google/protobuf/timestamp.pb.h>

#include <string>
#include <string_view>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/ids/uuid.h"
#include "common/status/errors.h"
#include "veille/common/v1/civil.pb.h"

namespace veille::rpc {

using errors::Violations;

// A required UUID.
ids::Uuid ReadUuid(std::string_view field, const std::string& text, Violations& violations);
template <typename Id>
Id ReadId(std::string_view field, const std::string& text, Violations& violations) {
  return Id(ReadUuid(field, text, violations));
}
inline ids::RequestId ReadRequestId(const std::string& text, Violations& violations) {
  return ReadId<ids::RequestId>("request_id", text, violations);
}

// Text of `least` to `most` characters (code points, not bytes).
std::string ReadText(std::string_view field, const std::string& text, int least, int most,
                     Violations& violations);

// A whole number within its range.
int64_t ReadNumber(std::string_view field, int64_t value, int64_t least, int64_t most,
                   Violations& violations);

// How many entries a list holds.
void CheckCount(std::string_view field, int count, int least, int most, Violations& violations);

// A value of a protobuf enum that is known and not its zero.
template <typename Enum>
Enum ReadEnum(std::string_view field, int value, bool (*is_valid)(int), Violations& violations) {
  if (value == 0 || !is_valid(value)) {
    violations.Add(std::string(field), value == 0 ? "is required" : "is not a known value");
    return static_cast<Enum>(0);
  }
  return static_cast<Enum>(value);
}

// 1900 to 2100, and existing.
absl::CivilDay ReadDate(std::string_view field, bool present, const veille::common::v1::Date& date,
                        Violations& violations);

// A required instant between the years 1900 and 2200, to the microsecond that is stored.
absl::Time ReadTime(std::string_view field, bool present, const google::protobuf::Timestamp& time,
                    Violations& violations);

veille::common::v1::Date ToProto(absl::CivilDay day);
google::protobuf::Timestamp ToProto(absl::Time time);

// "questions[3]"
std::string At(std::string_view field, int index);
// "questions[3].texts"
std::string In(std::string_view outer, std::string_view field);

// Text in a language tag's shape: "fr", "pt-BR".
std::string ReadLanguage(std::string_view field, const std::string& tag, Violations& violations);

// The etag of a resource's version: given out, and checked when a caller sends it back.
std::string Etag(int64_t version);

}  // namespace veille::rpc
