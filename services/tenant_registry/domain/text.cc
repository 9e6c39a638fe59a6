#include "tenant_registry/domain/text.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <algorithm>

#include "absl/strings/ascii.h"

namespace veille::tenant_registry {
namespace {

bool IsContinuation(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

// The length of the white space at the start of the text; 0 when there is none.
size_t SpaceLength(std::string_view text) {
  if (absl::ascii_isspace(static_cast<unsigned char>(text[0]))) return 1;
  // U+00A0, U+FEFF and U+202F: what spreadsheets leave behind.
  if (text.substr(0, 2) == "\xc2\xa0") return 2;
  if (text.substr(0, 3) == "\xe2\x80\xaf" || text.substr(0, 3) == "\xef\xbb\xbf") return 3;
  return 0;
}

bool IsPlain(std::string_view text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) >= 0x80) return false;
  }
  return true;
}

void AppendWord(std::string& out, bool& gap, char c) {
  if (gap && !out.empty()) out.push_back(' ');
  gap = false;
  out.push_back(c);
}

std::string FoldPlain(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  bool gap = false;
  for (const char c : text) {
    if (absl::ascii_isalnum(static_cast<unsigned char>(c))) {
      AppendWord(out, gap, absl::ascii_tolower(static_cast<unsigned char>(c)));
    } else {
      gap = true;
    }
  }
  return out;
}

}  // namespace

std::optional<std::string> CleanCell(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  bool gap = false;
  while (!text.empty()) {
    if (const size_t space = SpaceLength(text); space > 0) {
      gap = true;
      text.remove_prefix(space);
      continue;
    }
    const unsigned char c = static_cast<unsigned char>(text[0]);
    const bool control =
        c < 0x20 || c == 0x7f ||
        (c == 0xc2 && text.size() > 1 && static_cast<unsigned char>(text[1]) < 0xa0);
    if (control) return std::nullopt;
    if (gap && !out.empty()) out.push_back(' ');
    gap = false;
    out.push_back(text[0]);
    text.remove_prefix(1);
  }
  return out;
}

std::vector<std::string_view> Split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const size_t end = std::min(text.find(separator), text.size());
    if (end > 0) parts.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

size_t CountCharacters(std::string_view text) {
  size_t count = 0;
  for (const char c : text) count += IsContinuation(c) ? 0 : 1;
  return count;
}

std::string Truncate(std::string_view text, size_t most) {
  size_t end = 0;
  for (size_t count = 0; end < text.size(); ++end) {
    if (!IsContinuation(text[end]) && ++count > most) break;
  }
  return std::string(text.substr(0, end));
}

std::string Fold(std::string_view text) {
  if (IsPlain(text)) return FoldPlain(text);
  UErrorCode error = U_ZERO_ERROR;
  const icu::Normalizer2* decompose = icu::Normalizer2::getNFKDInstance(error);
  icu::UnicodeString folded = icu::UnicodeString::fromUTF8(
      icu::StringPiece(text.data(), static_cast<int32_t>(text.size())));
  folded.foldCase();
  if (U_SUCCESS(error)) folded = decompose->normalize(folded, error);
  icu::UnicodeString kept;
  bool gap = false;
  for (int32_t i = 0; i < folded.length(); i = folded.moveIndex32(i, 1)) {
    const UChar32 c = folded.char32At(i);
    if (u_charType(c) == U_NON_SPACING_MARK) continue;
    if (!u_isalnum(c)) {
      gap = true;
      continue;
    }
    if (gap && !kept.isEmpty()) kept.append(u' ');
    gap = false;
    // Ligatures that the decomposition leaves whole.
    if (c == 0x0153) {
      kept.append(u"oe", 2);
    } else if (c == 0x00e6) {
      kept.append(u"ae", 2);
    } else {
      kept.append(c);
    }
  }
  std::string out;
  kept.toUTF8String(out);
  return out;
}

}  // namespace veille::tenant_registry
