// How the encoding of a register is told, and what is refused.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "unit/register_fixture.h"

namespace veille::veillectl {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::IsOk;
using ::testing::Not;
using ::testing::StartsWith;

// A register of one name.
std::string Named(std::string_view name) {
  return absl::StrCat("NUM_LOGEMENT;NOM\r\n7;", std::string(name), "\r\n");
}

struct Reading {
  std::string encoding;
  std::string name;
  friend bool operator==(const Reading&, const Reading&) = default;
  friend std::ostream& operator<<(std::ostream& out, const Reading& reading) {
    return out << reading.encoding << " " << reading.name;
  }
};

Reading Read(const std::string& text, std::optional<Encoding> said = {}) {
  RegisterOptions options;
  options.encoding = said;
  const OpenRegister open(text, options);
  if (!open.file.ok()) return {"refused", std::string(open.file.status().message())};
  return {NameOf((*open.file)->encoding()), RowsOf(**open.file)[0].family_name()};
}

std::string Utf16(std::u16string_view text, bool little) {
  std::string bytes;
  for (const char16_t unit : text) {
    const char low = static_cast<char>(unit & 0xFF), high = static_cast<char>(unit >> 8);
    bytes += little ? std::string{low, high} : std::string{high, low};
  }
  return bytes;
}

TEST(RegisterEncodingTest, Utf8WithAndWithoutAMark) {
  EXPECT_EQ(Read(Named("Dupré")), (Reading{"utf-8", "Dupré"}));
  EXPECT_EQ(Read("\xEF\xBB\xBF" + Named("Œuvré")), (Reading{"utf-8", "Œuvré"}));
  EXPECT_EQ(Read(Named("DUPRE")), (Reading{"utf-8", "DUPRE"}));
}

TEST(RegisterEncodingTest, SingleByteEncodingsByWhatTheirBytesMean) {
  EXPECT_EQ(Read(Named("Dupr\xE9")), (Reading{"windows-1252", "Dupré"}));
  EXPECT_EQ(Read(Named("Dupr\xE9 \x96 N\x9Cud")), (Reading{"windows-1252", "Dupré – Nœud"}));
  EXPECT_EQ(Read(Named("Dupr\xE9 12\xBD")), (Reading{"windows-1252", "Dupré 12½"}));
  EXPECT_EQ(Read(Named("Ren\xE9 d\xB4"
                       "Arc")),
            (Reading{"windows-1252", "René d´Arc"}));
  EXPECT_EQ(Read(Named("Dupr\xE9 N\xBDud")), (Reading{"iso-8859-15", "Dupré Nœud"}));
  EXPECT_EQ(Read(Named("\xA6"
                       "est\xE1k")),
            (Reading{"iso-8859-15", "Šesták"}));
  EXPECT_EQ(Read(Named("L\xE9on 10 \xA4")), (Reading{"iso-8859-15", "Léon 10 €"}));
}

TEST(RegisterEncodingTest, WhatIsSaidCounts) {
  EXPECT_EQ(Read(Named("Dupr\xE9 N\xBDud"), Encoding::kWindows1252),
            (Reading{"windows-1252", "Dupré N½ud"}));
  EXPECT_EQ(Read(Named("Dupr\x82"), Encoding::kIbm850), (Reading{"ibm850", "Dupré"}));
  EXPECT_THAT(Read(Named("Dupr\xE9"), Encoding::kUtf8).name,
              AllOf(StartsWith("line 2, column 2: "), HasSubstr("not utf-8")));
  EXPECT_THAT(Read("\xEF\xBB\xBF" + Named("A"), Encoding::kWindows1252).name,
              HasSubstr("byte order mark"));
}

TEST(RegisterEncodingTest, AMarkCountsMoreThanTheMapping) {
  RegisterOptions options;
  options.mapping.encoding = Encoding::kWindows1252;
  EXPECT_EQ(RowsOf("\xEF\xBB\xBF" + Named("Dupré"), options)[0].family_name(), "Dupré");
}

TEST(RegisterEncodingTest, Utf16ByItsMarkOrWhenSaid) {
  const std::u16string text = u"NUM_LOGEMENT\tNOM\r\n7\tDupré \U0001F600\r\n";
  for (const bool little : {true, false}) {
    const Encoding encoding = little ? Encoding::kUtf16Le : Encoding::kUtf16Be;
    const Reading expected = {NameOf(encoding), "Dupré \U0001F600"};
    EXPECT_EQ(Read(Utf16(u"\uFEFF" + text, little)), expected);
    EXPECT_EQ(Read(Utf16(text, little), encoding), expected);
    EXPECT_THAT(Read(Utf16(text, little)).name, HasSubstr("--encoding " + NameOf(encoding)));
  }
  const std::string cut = Utf16(u"\uFEFFNUM_LOGEMENT\tNOM\r\n7\tA\xD83D\r\n", true);
  EXPECT_THAT(Read(cut).name, AllOf(StartsWith("line 2, column 2: "), HasSubstr("not utf-16le")));
}

TEST(RegisterEncodingTest, RefusesTwoEncodingsInOneFileWithBothPlaces) {
  const std::string mixed = "NUM_LOGEMENT;NOM\n1;Dupré\n2;Dupr\xE9\n3;Martin\n";
  EXPECT_THAT(RefusalOf(mixed),
              AllOf(StartsWith("line 3, column 2: "), HasSubstr("line 2, column 2 is UTF-8"),
                    Not(HasSubstr("Dupr"))));
  std::string mostly_latin = "NUM_LOGEMENT;NOM\n";
  for (int i = 0; i < 100; ++i) mostly_latin += "1;Ren\xE9\n";
  EXPECT_THAT(RefusalOf(mostly_latin + "2;Zoé\n"),
              AllOf(StartsWith("line 2, column 2: "), HasSubstr("line 102, column 2 is UTF-8")));
}

TEST(RegisterEncodingTest, DoesNotGuessDosEncodings) {
  EXPECT_THAT(RefusalOf(Named("Ren\x82")),
              AllOf(StartsWith("line 2, column 2: "), HasSubstr("--encoding ibm850")));
}

TEST(RegisterEncodingTest, TheMarkOfADosEndIsNoText) {
  EXPECT_EQ(RowsOf(Named("A") + "\x1A").size(), 1u);
}

}  // namespace
}  // namespace veille::veillectl
