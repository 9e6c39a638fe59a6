#include "common/tokens/strict_json.h"

#include <string>
#include <utility>
#include <vector>

namespace veille::tokens {
namespace {

using nlohmann::json;

// Builds the value while it is read: nlohmann-json by itself keeps the last of two equal members in
// silence. `false` ends the reading.
class Builder {
 public:
  bool null() { return Add(nullptr); }
  bool boolean(bool value) { return Add(value); }
  bool number_integer(json::number_integer_t value) { return Add(value); }
  bool number_unsigned(json::number_unsigned_t value) { return Add(value); }
  bool number_float(json::number_float_t value, const std::string&) { return Add(value); }
  bool string(std::string& value) { return Add(std::move(value)); }
  bool binary(json::binary_t&) { return false; }
  bool start_object(size_t) { return Open(json::object()); }
  bool start_array(size_t) { return Open(json::array()); }
  bool end_object() { return Close(); }
  bool end_array() { return Close(); }

  bool key(std::string& name) {
    if (open_.back().value.contains(name)) return Fail(JsonProblem::kDuplicateMember, 0);
    open_.back().key = std::move(name);
    return true;
  }

  bool parse_error(size_t byte, const std::string&, const json::exception&) {
    return Fail(JsonProblem::kNotJson, byte);
  }

  json Take() { return std::move(root_); }
  const JsonProblem& problem() const { return problem_; }

 private:
  struct Level {
    json value;
    std::string key;  // the member that comes next, in an object
  };

  bool Fail(JsonProblem::Kind kind, size_t byte) {
    problem_ = {kind, byte};
    return false;
  }

  bool Add(json value) {
    if (open_.empty()) {
      root_ = std::move(value);
    } else if (Level& level = open_.back(); level.value.is_array()) {
      level.value.push_back(std::move(value));
    } else {
      level.value[level.key] = std::move(value);
    }
    return true;
  }

  bool Open(json value) {
    if (open_.size() == kDeepestJson) return Fail(JsonProblem::kTooDeep, 0);
    open_.push_back({std::move(value), {}});
    return true;
  }

  bool Close() {
    json value = std::move(open_.back().value);
    open_.pop_back();
    return Add(std::move(value));
  }

  std::vector<Level> open_;
  json root_;
  JsonProblem problem_;
};

}  // namespace

std::optional<json> ParseStrictJson(std::string_view text, JsonProblem* problem) {
  Builder builder;
  // The library skips a byte order mark, and takes a NUL for the end.
  const bool is_plain = !text.starts_with('\xef') && text.find('\0') == std::string_view::npos;
  const bool parsed = is_plain && json::sax_parse(text.begin(), text.end(), &builder);
  if (problem != nullptr) {
    *problem = builder.problem();
    if (!parsed && problem->kind == JsonProblem::kNone) problem->kind = JsonProblem::kNotJson;
  }
  if (!parsed) return std::nullopt;
  return builder.Take();
}

}  // namespace veille::tokens
