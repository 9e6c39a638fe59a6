#pragma once

// How a file writes its characters, and their way to UTF-8.

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace veille::veillectl {

enum class Encoding { kUtf8, kWindows1252, kIso8859_15, kIbm850, kUtf16Le, kUtf16Be };

// "windows-1252", as --encoding takes it.
std::string NameOf(Encoding encoding);
// Reads what NameOf writes and the usual other names (cp1252, latin9, utf8 …).
std::optional<Encoding> EncodingOf(std::string_view name);
// All of them, for a message.
std::string EncodingNames();

// Turns a file's bytes, part by part, into UTF-8. What is no character in the encoding becomes the
// byte 0xFF, which no UTF-8 has: whoever checks the lines finds it and knows where it stands. Bytes
// that are said to be UTF-8 already are passed on as they are, for the same check.
class Transcoder {
 public:
  explicit Transcoder(Encoding encoding);

  // Appends to `text`. `last` when nothing comes after these bytes.
  void Append(std::string_view bytes, bool last, std::string& text);

 private:
  void AppendUtf16(std::string_view bytes, bool last, std::string& text);
  void AppendUnit(char16_t unit, std::string& text);

  const Encoding encoding_;
  std::array<std::string, 256> characters_;  // of the single-byte encodings
  std::optional<unsigned char> half_;        // of a UTF-16 unit
  char16_t high_surrogate_ = 0;
};

// The length of the well-formed UTF-8 at the beginning of `text` that has no NUL.
size_t CleanPrefix(std::string_view text);

}  // namespace veille::veillectl
