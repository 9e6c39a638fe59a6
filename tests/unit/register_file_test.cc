// Rows and cells of a register, and what is refused with its line and column.

#include "veillectl/register/register_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "unit/register_fixture.h"

namespace veille::veillectl {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::IsOk;
using ::testing::Not;
using ::testing::StartsWith;

constexpr char kHeader[] = "NUM_LOGEMENT;NOM;PRENOM;TEL_FIXE;TEL_MOBILE;OPPOSITION\n";

std::string Register(std::string_view rows) { return absl::StrCat(kHeader, std::string(rows)); }

TEST(RegisterFileTest, FillsTheFieldsOfEachColumn) {
  const auto rows = RowsOf(Register("7;Dupré;Éliane;01 99 00 41 01;0639984102;N\n"));
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].line_number(), 2);
  EXPECT_EQ(rows[0].dwelling_number(), "7");
  EXPECT_EQ(rows[0].family_name(), "Dupré");
  EXPECT_EQ(rows[0].given_name(), "Éliane");
  EXPECT_THAT(rows[0].phones(), ElementsAre("01 99 00 41 01", "0639984102"));
  EXPECT_FALSE(rows[0].objection());
}

TEST(RegisterFileTest, LineNumbersAreThoseOfTheFile) {
  const auto rows = RowsOf(
      "\xEF\xBB\xBFnum_logement;NOM\r\n"
      "1;\"Martin; dit \"\"Tintin\"\"\"\r\n"
      "\r\n"
      "2;\"zwei\nZeilen\"\r\n"
      "3;d'Artagnan 5\" pouces\r\n"
      "4;");
  ASSERT_EQ(rows.size(), 4u);
  EXPECT_EQ(rows[0].family_name(), "Martin; dit \"Tintin\"");
  EXPECT_EQ(rows[1].family_name(), "zwei\nZeilen");
  EXPECT_EQ(rows[1].line_number(), 4);
  EXPECT_EQ(rows[2].family_name(), "d'Artagnan 5\" pouces");
  EXPECT_EQ(rows[2].line_number(), 6);
  EXPECT_EQ(rows[3].dwelling_number(), "4");
  EXPECT_EQ(rows[3].line_number(), 7);
}

TEST(RegisterFileTest, TakesEveryLineEndAndSeparator) {
  for (const char* end : {"\n", "\r\n", "\r"}) {
    for (const char* separator : {";", ",", "\t", "|"}) {
      std::string text;
      for (const char* name : {"NUM_LOGEMENT", "NOM"}) absl::StrAppend(&text, name, separator);
      absl::StrAppend(&text, "PRENOM", end, "1", separator, "A", separator, "B", end, "2",
                      separator, "C", separator, end);
      const auto rows = RowsOf(text);
      ASSERT_EQ(rows.size(), 2u) << text;
      EXPECT_EQ(rows[0].given_name(), "B");
      EXPECT_EQ(rows[1].family_name(), "C");
      EXPECT_EQ(rows[1].line_number(), 3);
    }
  }
}

TEST(RegisterFileTest, CountsADoubtfulAnswerAsAnObjection) {
  const OpenRegister open(Register("1;;;;;N\n2;;;;;non\n3;;;;;\n4;;;;;O\n5;;;;;peut-être\n"));
  ASSERT_THAT(open.file, IsOk());
  const auto rows = RowsOf(**open.file);
  ASSERT_EQ(rows.size(), 5u);
  for (size_t i = 0; i < rows.size(); ++i) EXPECT_EQ(rows[i].objection(), i >= 3) << i;
  EXPECT_THAT((*open.file)->notes(), ::testing::Contains(HasSubstr("first on line 6")));
}

TEST(RegisterFileTest, ASeparatorAtTheEndOfEveryLineIsNoColumn) {
  EXPECT_EQ(RowsOf("NUM_LOGEMENT;NOM;\n1;A;\n2;B;\n").size(), 2u);
  EXPECT_THAT(RefusalOf("NUM_LOGEMENT;NOM;\n1;A;\n2;B;x\n"), StartsWith("line 3, column 3: "));
}

TEST(RegisterFileTest, RefusesRowsOfAnotherWidthAndRepeatsNothingOfThem) {
  EXPECT_THAT(RefusalOf(Register("1;A;B;C;D;E;Secret\n")),
              AllOf(StartsWith("line 2, column 7: "), Not(HasSubstr("Secret"))));
  EXPECT_THAT(RefusalOf(Register("1;A;B;;;N\n2;Secret;B\n")),
              AllOf(StartsWith("line 3, column 4: "), Not(HasSubstr("Secret"))));
}

TEST(RegisterFileTest, FindsTheQuoteThatIsNotClosed) {
  const std::string open = Register("1;A;B;;;N\n2;\"A;B;;;N\n");
  EXPECT_THAT(RefusalOf(open), StartsWith("line 3, column 2: the quote is not closed"));
  // Followed by rows, by rows with quotes, and closed at the same column of a later row.
  EXPECT_THAT(RefusalOf(open + "3;A;B;;;N\n"), StartsWith("line 3, column 2: "));
  EXPECT_THAT(RefusalOf(open + "3;\"A\";B;;;N\n4;A;B;;;N\n"), StartsWith("line 3, column 2: "));
  EXPECT_THAT(RefusalOf("NUM_LOGEMENT;NOM\n1;\"A\n2;\"B\"\n"), StartsWith("line 2, column 2: "));
  std::string long_file = "NUM_LOGEMENT;NOM\n1;\"A\n";
  for (int i = 0; i < 1000; ++i) long_file += "B\n";
  EXPECT_THAT(RefusalOf(long_file), StartsWith("line 2, column 2: "));
  EXPECT_THAT(RefusalOf(Register("1;\"A\"B;C;;;N\n")), StartsWith("line 2, column 2: "));
}

TEST(RegisterFileTest, RefusesWhatIsNoRegister) {
  EXPECT_THAT(RefusalOf(""), HasSubstr("empty"));
  EXPECT_THAT(RefusalOf("\n\n"), HasSubstr("empty"));
  EXPECT_THAT(RefusalOf(kHeader), StartsWith("line 2, column 1: "));
  EXPECT_THAT(RefusalOf(std::string("PK\x03\x04\0\0", 6)), HasSubstr("spreadsheet"));
  EXPECT_THAT(RefusalOf("\x1F\x8B\x08"), HasSubstr("gunzip"));
  EXPECT_THAT(RefusalOf(Register(std::string_view("1;A;B;;;N\n2;A\0;B;;;N\n", 21))),
              AllOf(StartsWith("line 3, column 2: "), HasSubstr("NUL")));
}

TEST(RegisterFileTest, RefusesLinesThatAreTooLong) {
  const std::string ten_megabytes(10 << 20, 'x');
  EXPECT_THAT(RefusalOf(Register("1;A;B;;;N\n2;A;" + ten_megabytes + ";;;N\n")),
              AllOf(StartsWith("line 3, column 3: "), HasSubstr("64 KiB")));
  EXPECT_THAT(RefusalOf(ten_megabytes), HasSubstr("line 1, column 1: "));
  std::string quoted = Register("1;\"");
  for (int i = 0; i < 10; ++i) quoted += std::string(10'000, 'x') + "\n";
  EXPECT_THAT(RefusalOf(quoted + "\";A;;;N\n"), AllOf(HasSubstr("column 2"), HasSubstr("64 KiB")));
}

TEST(RegisterFileTest, RefusesColumnsThatItDoesNotKnow) {
  EXPECT_THAT(RefusalOf("NUM_LOGEMENT;NOM;TEL_FIX\n1;A;B\n"),
              AllOf(StartsWith("line 1, column 3: "), HasSubstr("\"TEL_FIXE\"")));
  EXPECT_THAT(RefusalOf("NUM_LOGEMENT;NOM;nom\n1;A;B\n"), StartsWith("line 1, column 3: "));
  EXPECT_THAT(RefusalOf("NOM;PRENOM\nA;B\n"), HasSubstr("NUM_LOGEMENT"));
  // A file without names begins with a person.
  EXPECT_THAT(RefusalOf("7;Secret;Personne\n8;A;B\n"),
              AllOf(StartsWith("line 1, column 1: "), Not(HasSubstr("Secret"))));
}

TEST(RegisterFileTest, RefusesAMappingThatMostRowsContradict) {
  std::string iso = "NUM_LOGEMENT;NOM;DATE_NAISSANCE\n";
  for (int i = 0; i < 20; ++i) absl::StrAppend(&iso, i, ";A;1940-02-", 10 + i, "\n");
  EXPECT_THAT(RefusalOf(iso), AllOf(StartsWith("line 2, column 3: "), HasSubstr("20 of 20")));
  std::string empty = "NUM_LOGEMENT;NOM\n";
  for (int i = 0; i < 20; ++i) absl::StrAppend(&empty, i < 5 ? "1" : "", ";A\n");
  EXPECT_THAT(RefusalOf(empty), StartsWith("line 7, column 1: "));
}

// What a file is in the middle of being read again.
class ChangingSource final : public ByteSource {
 public:
  explicit ChangingSource(std::string text) : text(std::move(text)) {}
  absl::StatusOr<size_t> ReadAt(int64_t offset, char* buffer, size_t size) override {
    return SourceOf(text)->ReadAt(offset, buffer, size);
  }
  std::string text;
};

TEST(RegisterFileTest, NothingIsReadOfAFileThatChanged) {
  const std::string before = Register("1;A;B;;;N\n2;C;D;;;N\n");
  for (const std::string& after :
       {Register("1;A;B;;;N\n2;C;D;;;O\n"), before + "3;E;F;;;N\n", Register("1;A;B;;;N\n")}) {
    ChangingSource source(before);
    const auto file = RegisterFile::Open(source, {});
    ASSERT_THAT(file, IsOk());
    source.text = after;
    EXPECT_THAT((*file)->Rows().status().message(), HasSubstr("changed"));
  }
}

TEST(RegisterFileTest, CellsOverManyBlocksAreWhole) {
  std::string text = kHeader;
  for (int i = 0; i < 20'000; ++i) {
    absl::StrAppend(&text, i, ";Dupré;\"É;", i, "\";01 99 00 41 01;;N\r\n");
  }
  const auto rows = RowsOf(text);
  ASSERT_EQ(rows.size(), 20'000u);
  for (size_t i = 0; i < rows.size(); ++i) {
    ASSERT_EQ(rows[i].dwelling_number(), absl::StrCat(i));
    ASSERT_EQ(rows[i].family_name(), "Dupré");
    ASSERT_EQ(rows[i].given_name(), absl::StrCat("É;", i));
    ASSERT_EQ(rows[i].line_number(), static_cast<int64_t>(i) + 2);
  }
}

}  // namespace
}  // namespace veille::veillectl
