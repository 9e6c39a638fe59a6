#pragma once

// The log: one line per event on standard error, "time level event key=value …".
//
// It cannot be given personal data by accident: the event and the keys are literals, and a value is
// a number, a duration, a code, an identifier (PSEUDONYM: allowed in logs, never as a metric label)
// or a literal. A std::string does not convert. `Text` lets one through that the caller vouches for
// (an address to listen on, an SQLSTATE, the name of a method).

#include <string>
#include <string_view>
#include <type_traits>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/ids/uuid.h"

namespace veille::log {

// A string that stands in the source.
class Literal {
 public:
  template <size_t n>
  consteval Literal(const char (&text)[n]) : text_(text, n - 1) {}  // NOLINT: implicit by intent
  constexpr std::string_view text() const { return text_; }

 private:
  std::string_view text_;
};

// A string from the configuration, a library's code or the contract: never from a request's body.
struct Text {
  std::string_view value;
};

class Field {
 public:
  Field(Literal key, Text value);
  Field(Literal key, Literal value) : Field(key, Text{value.text()}) {}
  Field(Literal key, absl::Duration value);
  Field(Literal key, absl::StatusCode value);
  Field(Literal key, const ids::Uuid& value);
  template <typename Tag>
  Field(Literal key, const ids::Id<Tag>& value) : Field(key, value.uuid()) {}
  template <typename T>
    requires std::is_arithmetic_v<T>
  Field(Literal key, T value) : key_(key.text()), value_(std::to_string(value)) {}

  std::string_view key() const { return key_; }
  const std::string& value() const { return value_; }

 private:
  std::string_view key_;
  std::string value_;
};

enum class Level { kDebug, kInfo, kWarning, kError };

// Called once by main before threads start. Thread-safe afterwards.
void Start(std::string_view program, Level least);

void Write(Level level, Literal event, std::initializer_list<Field> fields);
inline void Debug(Literal event, std::initializer_list<Field> fields = {}) {
  Write(Level::kDebug, event, fields);
}
inline void Info(Literal event, std::initializer_list<Field> fields = {}) {
  Write(Level::kInfo, event, fields);
}
inline void Warning(Literal event, std::initializer_list<Field> fields = {}) {
  Write(Level::kWarning, event, fields);
}
inline void Error(Literal event, std::initializer_list<Field> fields = {}) {
  Write(Level::kError, event, fields);
}

}  // namespace veille::log
