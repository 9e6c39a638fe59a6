#pragma once

// What commands read from files. Personal data, free text and anything long come from a file or
// from standard input, never from the command line: that one is in every process list.

#include <string>

#include "absl/status/statusor.h"
#include "google/protobuf/message.h"

namespace veille::veillectl {

// The content of a file; "-" is standard input.
absl::StatusOr<std::string> ReadInput(const std::string& path);

// A message in Protocol Buffers' JSON form. Names of fields may be as in the contract (script_id)
// or in camel case; what is not known is refused.
absl::Status ReadMessage(const std::string& path, google::protobuf::Message* message);

// The same of text that stands at `place`, which errors name.
absl::Status ReadMessageText(const std::string& place, const std::string& text,
                             google::protobuf::Message* message);

}  // namespace veille::veillectl
