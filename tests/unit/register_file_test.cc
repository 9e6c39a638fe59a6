#include "veillectl/client/register_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "testing/status_matchers.h"
#include "veillectl/client/failure.h"

namespace veille::veillectl {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::IsOk;
using ::testing::Not;

constexpr char kHeader[] = "NUM_LOGEMENT;NOM;PRENOM;TEL_FIXE;TEL_MOBILE;OPPOSITION\n";

std::vector<registry::v1::RegisterRow> Rows(const std::string& text) {
  const auto rows = ParseRegister(text);
  EXPECT_THAT(rows, IsOk());
  return rows.value_or(std::vector<registry::v1::RegisterRow>());
}

std::string Refusal(const std::string& text) {
  const auto rows = ParseRegister(text);
  if (rows.ok()) return "not refused";
  EXPECT_EQ(ExitCodeOf(rows.status()), kUsage);
  return std::string(rows.status().message());
}

TEST(RegisterFileTest, FillsTheFieldsOfEachColumn) {
  const auto rows = Rows(std::string(kHeader) + "7;Dupré;Éliane;01 99 00 41 01;0639984102;N\n");
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].line_number(), 2);
  EXPECT_EQ(rows[0].dwelling_number(), "7");
  EXPECT_EQ(rows[0].family_name(), "Dupré");
  EXPECT_EQ(rows[0].given_name(), "Éliane");
  EXPECT_THAT(rows[0].phones(), ElementsAre("01 99 00 41 01", "0639984102"));
  EXPECT_FALSE(rows[0].objection());
}

TEST(RegisterFileTest, TakesEveryUsualFormOfALine) {
  const auto rows = Rows(
      "\xEF\xBB\xBFnum_logement;NOM\r\n"
      "1;\"Martin; dit \"\"Tintin\"\"\"\r\n"
      "\r\n"
      "2;\"zwei\nZeilen\"\r\n"
      "3;d'Artagnan 5\" pouces\r\n"
      "4");
  ASSERT_EQ(rows.size(), 4u);
  EXPECT_EQ(rows[0].family_name(), "Martin; dit \"Tintin\"");
  EXPECT_EQ(rows[1].family_name(), "zwei\nZeilen");
  EXPECT_EQ(rows[1].line_number(), 4);
  EXPECT_EQ(rows[2].family_name(), "d'Artagnan 5\" pouces");
  EXPECT_EQ(rows[2].line_number(), 6);
  EXPECT_EQ(rows[3].dwelling_number(), "4");
  EXPECT_EQ(rows[3].line_number(), 7);
}

TEST(RegisterFileTest, CountsADoubtfulAnswerAsAnObjection) {
  const auto rows =
      Rows(std::string(kHeader) + "1;;;;;N\n2;;;;;non\n3;;;;;\n4;;;;;O\n5;;;;;peut-être\n");
  ASSERT_EQ(rows.size(), 5u);
  for (size_t i = 0; i < rows.size(); ++i) EXPECT_EQ(rows[i].objection(), i >= 3) << i;
}

TEST(RegisterFileTest, NamesTheLineOfWhatItCannotRead) {
  EXPECT_THAT(Refusal(std::string(kHeader) + "1;A;B;;;N\n2;Dupr\xE9;B;;;N\n"),
              ::testing::AllOf(HasSubstr("line 3"), HasSubstr("UTF-8")));
  EXPECT_THAT(Refusal(std::string(kHeader) + "1;A;B;C;D;E;Secret\n"),
              ::testing::AllOf(HasSubstr("line 2"), Not(HasSubstr("Secret"))));
  std::string endless = std::string(kHeader) + "1;A;B;;;N\n2;\"A;B;;;N\n";
  EXPECT_THAT(Refusal(endless), HasSubstr("line 3 of the register opens a quote"));
  for (int i = 0; i < 1000; ++i) endless += "3;A;B;;;N\n";
  EXPECT_THAT(Refusal(endless), HasSubstr("line 3 of the register opens a quote"));
}

TEST(RegisterFileTest, RefusesColumnsThatItDoesNotKnow) {
  EXPECT_THAT(Refusal("NUM_LOGEMENT;NOM;TELEPHONE\n1;A;B\n"), HasSubstr("column 3"));
  EXPECT_THAT(Refusal("NUM_LOGEMENT;NOM;NOM\n1;A;B\n"), HasSubstr("column 3"));
  EXPECT_THAT(Refusal("NOM;PRENOM\nA;B\n"), HasSubstr("NUM_LOGEMENT"));
  EXPECT_THAT(Refusal("NUM_LOGEMENT,NOM\n1,A\n"), HasSubstr("column 1"));
  EXPECT_THAT(Refusal(""), HasSubstr("empty"));
}

}  // namespace
}  // namespace veille::veillectl
