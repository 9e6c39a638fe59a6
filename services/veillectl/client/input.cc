#include "veillectl/client/input.h"

#include <algorithm>
#include <fstream>
#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/macros.h"
#include "google/protobuf/util/json_util.h"
#include "veillectl/client/failure.h"
#include "veillectl/client/json_fields.h"

namespace veille::veillectl {
namespace {

std::string PlaceOf(const std::string& text, size_t end) {
  const std::string before = text.substr(0, end == 0 ? 0 : end - 1);
  const size_t line = before.rfind('\n');
  return absl::StrCat("line ", std::count(before.begin(), before.end(), '\n') + 1, ", column ",
                      before.size() - (line == std::string::npos ? 0 : line + 1) + 1);
}

absl::StatusOr<nlohmann::json> Parse(const std::string& place, const std::string& text) {
  try {
    return nlohmann::json::parse(text);
  } catch (const nlohmann::json::parse_error& error) {
    return UsageError(absl::StrCat(place, " is no JSON: it breaks off, or goes wrong, in ",
                                   PlaceOf(text, error.byte)));
  } catch (const nlohmann::json::out_of_range&) {
    return UsageError(absl::StrCat(place, " is no JSON that can be read: a number is too large"));
  }
}

}  // namespace

absl::StatusOr<std::string> ReadInput(const std::string& path) {
  if (path == "-") {
    return std::string(std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>());
  }
  std::ifstream file(path, std::ios::binary);
  std::string content{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!file.is_open() || file.bad()) {
    return UsageError(absl::StrCat("the file ", path, " cannot be read"));
  }
  return content;
}

absl::Status ReadMessage(const std::string& path, google::protobuf::Message* message) {
  ASSIGN_OR_RETURN(const std::string text, ReadInput(path));
  return ReadMessageText(path == "-" ? "standard input" : path, text, message);
}

absl::Status ReadMessageText(const std::string& place, const std::string& text,
                             google::protobuf::Message* message) {
  ASSIGN_OR_RETURN(const nlohmann::json value, Parse(place, text));
  const std::vector<std::string> unknown = UnknownNames(value, *message->GetDescriptor());
  if (!unknown.empty()) {
    return UsageError(absl::StrCat(place, " is no ", message->GetDescriptor()->full_name(),
                                   ":\n  - ", absl::StrJoin(unknown, "\n  - ")));
  }
  const auto status = google::protobuf::util::JsonStringToMessage(text, message);
  if (status.ok()) return absl::OkStatus();
  return UsageError(absl::StrCat(place, " is no JSON of a ", message->GetDescriptor()->full_name(),
                                 ": ", std::string(status.message())));
}

}  // namespace veille::veillectl
