#include "veillectl/client/input.h"

#include <fstream>
#include <iostream>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "google/protobuf/util/json_util.h"
#include "veillectl/client/failure.h"

namespace veille::veillectl {

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
  const auto status = google::protobuf::util::JsonStringToMessage(text, message);
  if (status.ok()) return absl::OkStatus();
  return UsageError(absl::StrCat(path == "-" ? "standard input" : path, " is no JSON of a ",
                                 message->GetDescriptor()->full_name(), ": ",
                                 std::string(status.message())));
}

}  // namespace veille::veillectl
