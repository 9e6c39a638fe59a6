#include "common/rpc/reason.h"

#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/rpc/utf8.h"
#include "common/status/errors.h"

namespace veille::rpc {
namespace {

absl::Status Required(std::string_view what) {
  const std::string key(kReasonKey);
  return errors::Make(
      absl::StatusCode::kFailedPrecondition, common::v1::ERROR_REASON_REASON_REQUIRED,
      absl::StrCat("this is a look outside your own work, and its reason ", std::string(what),
                   "; say why in the metadata key ", key, ": percent-encoded UTF-8, ",
                   kShortestReason, " to ", kLongestReason, " characters, naming nobody"),
      {{"metadata_key", key}});
}

bool IsHexadecimal(char c) { return absl::ascii_isxdigit(static_cast<unsigned char>(c)); }

std::optional<std::string> Decode(std::string_view value) {
  std::string text;
  for (size_t i = 0; i < value.size(); ++i) {
    if (value[i] != '%') {
      text += value[i];
      continue;
    }
    if (value.size() - i < 3 || !IsHexadecimal(value[i + 1]) || !IsHexadecimal(value[i + 2])) {
      return std::nullopt;
    }
    text += absl::HexStringToBytes(std::string(value.substr(i + 1, 2)));
    i += 2;
  }
  return text;
}

bool IsUnreserved(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '.' || c == '_' ||
         c == '~';
}

}  // namespace

absl::StatusOr<std::string> ReadReason(std::string_view value) {
  if (value.empty()) return Required("was not given");
  const std::optional<std::string> text = Decode(value);
  if (!text.has_value() || !IsUtf8(*text) || HasControls(*text)) return Required("is not readable");
  std::string reason(absl::StripAsciiWhitespace(*text));
  const int64_t length = Characters(reason);
  if (length < kShortestReason) return Required("is too short");
  if (length > kLongestReason) return Required("is too long");
  return reason;
}

std::string EncodeReason(std::string_view reason) {
  std::string encoded;
  for (const char c : reason) {
    if (IsUnreserved(c)) {
      encoded += c;
    } else {
      absl::StrAppend(&encoded, "%", absl::Hex(static_cast<unsigned char>(c), absl::kZeroPad2));
    }
  }
  return encoded;
}

}  // namespace veille::rpc
