#include "veillectl/register/survey.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "veillectl/client/digest.h"
#include "veillectl/client/failure.h"
#include "veillectl/register/byte_statistics.h"

namespace veille::veillectl {
namespace {

using namespace std::string_view_literals;

struct Magic {
  std::string_view bytes;
  const char* what;
};

constexpr Magic kNoText[] = {
    {"PK\x03\x04"sv, "a spreadsheet or a zip archive: save the sheet as CSV"},
    {"\xD0\xCF\x11\xE0"sv, "an old spreadsheet: save the sheet as CSV"},
    {"\x1F\x8B"sv, "compressed: unpack it with gunzip"},
    {"%PDF"sv, "a PDF"},
};

struct Mark {
  std::string_view bytes;
  Encoding encoding;
};

constexpr Mark kMarks[] = {{"\xEF\xBB\xBF"sv, Encoding::kUtf8},
                           {"\xFF\xFE"sv, Encoding::kUtf16Le},
                           {"\xFE\xFF"sv, Encoding::kUtf16Be}};

absl::Status ReadStart(std::string_view start, Survey& survey) {
  if (start.empty()) return UsageError("the register is empty: its first line names the columns");
  for (const Magic& magic : kNoText) {
    if (start.substr(0, magic.bytes.size()) == magic.bytes) {
      return UsageError(absl::StrCat("the register is no text but ", magic.what));
    }
  }
  for (const Mark& mark : kMarks) {
    if (start.substr(0, mark.bytes.size()) != mark.bytes) continue;
    survey.certain = true;
    survey.mark_size = static_cast<int>(mark.bytes.size());
    survey.encoding = mark.encoding;
  }
  return absl::OkStatus();
}

// NULs in every second byte: UTF-16 of Latin text without a mark.
bool LooksLikeUtf16(const ByteStatistics::Counts& counts, int64_t size) {
  const auto [less, more] = std::minmax(counts.nul_even, counts.nul_odd);
  return more * 3 > size && less * 10 < more;
}

void Judge(const ByteStatistics::Counts& counts, Survey& survey) {
  if (counts.first_nul >= 0) {
    survey.doubt.offset = counts.first_nul;
    survey.doubt.what = LooksLikeUtf16(counts, survey.size)
                            ? absl::StrCat(
                                  "looks like UTF-16 without a byte order mark: give "
                                  "--encoding ",
                                  counts.nul_even < counts.nul_odd ? "utf-16le" : "utf-16be")
                            : "has a NUL byte: this is no text";
    return;
  }
  if (counts.foreign == 0) return;  // UTF-8
  if (counts.latin_sequences > 0) {
    survey.doubt = {"", counts.first_foreign, counts.first_latin_sequence};
    survey.doubt.what = "is not UTF-8, but other lines are: save the file in one encoding";
  } else if (counts.dos_letters * 3 >= counts.high) {
    survey.doubt = {"looks like an old DOS encoding: if so, give --encoding ibm850",
                    counts.first_dos_letter, -1};
  } else if (counts.controls == 0 && counts.latin9_letters > counts.latin9_signs) {
    survey.encoding = Encoding::kIso8859_15;
  } else {
    survey.encoding = Encoding::kWindows1252;
  }
}

}  // namespace

absl::StatusOr<Survey> SurveyFile(ByteSource& source) {
  Survey survey;
  BlockReader blocks(source, nullptr);
  ByteStatistics statistics;
  Sha256Stream hash;
  while (true) {
    ASSIGN_OR_RETURN(const std::string_view block, blocks.Next());
    if (survey.size == 0) RETURN_IF_ERROR(ReadStart(block, survey));
    if (block.empty()) break;
    survey.size += static_cast<int64_t>(block.size());
    hash.Add(block);
    statistics.Add(block);
    survey.fingerprint.blocks.push_back(Sha256(block));
  }
  statistics.Finish();
  survey.fingerprint.hash = hash.Finish();
  if (!survey.certain) Judge(statistics.counts(), survey);
  return survey;
}

}  // namespace veille::veillectl
