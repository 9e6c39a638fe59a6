#include "veillectl/register/encoding.h"

#include <unicode/ucnv.h>
#include <unicode/utf16.h>
#include <unicode/utf8.h>

#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_join.h"

namespace veille::veillectl {
namespace {

constexpr char kNoCharacter = '\xFF';

constexpr std::pair<Encoding, const char*> kNames[] = {
    {Encoding::kUtf8, "utf-8"},
    {Encoding::kWindows1252, "windows-1252"},
    {Encoding::kIso8859_15, "iso-8859-15"},
    {Encoding::kIbm850, "ibm850"},
    {Encoding::kUtf16Le, "utf-16le"},
    {Encoding::kUtf16Be, "utf-16be"},
};

// What calls itself ISO-8859-1 is Windows-1252 in practice: the difference is control characters.
constexpr std::pair<const char*, Encoding> kOtherNames[] = {
    {"utf8", Encoding::kUtf8},          {"cp1252", Encoding::kWindows1252},
    {"latin1", Encoding::kWindows1252}, {"iso-8859-1", Encoding::kWindows1252},
    {"latin9", Encoding::kIso8859_15},  {"latin-9", Encoding::kIso8859_15},
    {"cp850", Encoding::kIbm850},       {"ibm-850", Encoding::kIbm850},
};

void AppendUtf8(UChar32 character, std::string& text) {
  std::array<char, 4> bytes;
  int size = 0;
  U8_APPEND_UNSAFE(bytes.data(), size, character);
  text.append(bytes.data(), static_cast<size_t>(size));
}

std::array<std::string, 256> CharactersOf(Encoding encoding) {
  std::array<std::string, 256> characters;
  UErrorCode error = U_ZERO_ERROR;
  UConverter* converter = ucnv_open(NameOf(encoding).c_str(), &error);
  for (int byte = 0; byte < 256; ++byte) {
    const char in = static_cast<char>(byte);
    const char* from = &in;
    error = U_ZERO_ERROR;
    ucnv_reset(converter);
    const UChar32 character = ucnv_getNextUChar(converter, &from, from + 1, &error);
    std::string& text = characters[static_cast<size_t>(byte)];
    if (U_FAILURE(error) || character == 0xFFFD) {
      text.push_back(kNoCharacter);
    } else {
      AppendUtf8(character, text);
    }
  }
  ucnv_close(converter);
  return characters;
}

bool IsSingleByte(Encoding encoding) {
  return encoding == Encoding::kWindows1252 || encoding == Encoding::kIso8859_15 ||
         encoding == Encoding::kIbm850;
}

}  // namespace

std::string NameOf(Encoding encoding) {
  for (const auto& [known, name] : kNames) {
    if (known == encoding) return name;
  }
  return {};
}

std::optional<Encoding> EncodingOf(std::string_view name) {
  const std::string lower = absl::AsciiStrToLower(std::string(name));
  for (const auto& [encoding, known] : kNames) {
    if (lower == known) return encoding;
  }
  for (const auto& [known, encoding] : kOtherNames) {
    if (lower == known) return encoding;
  }
  return std::nullopt;
}

std::string EncodingNames() {
  std::vector<std::string> names;
  for (const auto& [encoding, name] : kNames) names.emplace_back(name);
  return absl::StrJoin(names, ", ");
}

Transcoder::Transcoder(Encoding encoding) : encoding_(encoding) {
  if (IsSingleByte(encoding)) characters_ = CharactersOf(encoding);
}

void Transcoder::Append(std::string_view bytes, bool last, std::string& text) {
  if (encoding_ == Encoding::kUtf8) {
    text.append(bytes);
  } else if (!IsSingleByte(encoding_)) {
    AppendUtf16(bytes, last, text);
  } else {
    for (const char byte : bytes) {
      if (static_cast<unsigned char>(byte) < 0x80) {
        text.push_back(byte);
      } else {
        text.append(characters_[static_cast<unsigned char>(byte)]);
      }
    }
  }
}

void Transcoder::AppendUtf16(std::string_view bytes, bool last, std::string& text) {
  for (const char byte : bytes) {
    const auto second = static_cast<unsigned char>(byte);
    if (!half_.has_value()) {
      half_ = second;
      continue;
    }
    const unsigned char first = *std::exchange(half_, std::nullopt);
    const bool little = encoding_ == Encoding::kUtf16Le;
    AppendUnit(static_cast<char16_t>(little ? first | second << 8 : first << 8 | second), text);
  }
  if (last && (half_.has_value() || high_surrogate_ != 0)) text.push_back(kNoCharacter);
}

void Transcoder::AppendUnit(char16_t unit, std::string& text) {
  const char16_t high = std::exchange(high_surrogate_, 0);
  if (high != 0) {
    if (U16_IS_TRAIL(unit)) return AppendUtf8(U16_GET_SUPPLEMENTARY(high, unit), text);
    text.push_back(kNoCharacter);
  }
  if (U16_IS_LEAD(unit)) {
    high_surrogate_ = unit;
  } else if (U16_IS_TRAIL(unit)) {
    text.push_back(kNoCharacter);
  } else {
    AppendUtf8(unit, text);
  }
}

size_t CleanPrefix(std::string_view text) {
  size_t at = 0;
  while (at < text.size()) {
    const size_t start = at;
    if (static_cast<unsigned char>(text[at]) < 0x80) {
      if (text[at] == '\0') return start;
      ++at;
      continue;
    }
    UChar32 character = 0;
    U8_NEXT(text.data(), at, text.size(), character);
    if (character < 0) return start;
  }
  return at;
}

}  // namespace veille::veillectl
