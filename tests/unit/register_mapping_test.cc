// Mappings: what they say, and what is wrong with them.

#include "veillectl/register/mapping.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "unit/register_fixture.h"
#include "veillectl/register/date_pattern.h"

namespace veille::veillectl {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::IsOk;
using ::testing::StartsWith;

RegisterOptions With(const std::string& json) {
  RegisterOptions options;
  auto mapping = ParseMapping(json);
  EXPECT_THAT(mapping, IsOk());
  if (mapping.ok()) options.mapping = *std::move(mapping);
  return options;
}

std::string Fault(const std::string& json) {
  const auto mapping = ParseMapping(json);
  if (mapping.ok()) return "not refused";
  EXPECT_EQ(ExitCodeOf(mapping.status()), kUsage);
  return std::string(mapping.status().message());
}

constexpr char kColumns[] = R"("columns": {"Logement": "dwelling_number", "Nom": "family_name"})";

std::string MappingWith(const std::string& part) {
  return absl::StrCat("{", kColumns, ", ", part, "}");
}

TEST(RegisterMappingTest, NamesTheColumnsOfAnotherRegister) {
  const auto rows = RowsOf(
      "Logement,Voie,Complément,Tél. 1,Tél. 2,Né le,Refus,Lien,Notes\n"
      "A1,3 rue Basse,Bât. B,0199004101,,1938-02-03,oui,T,secret\n"
      "A2,4 rue Haute,,,0639984102,,non,Fils,\n",
      With(R"({"columns": {"Logement": "dwelling_number", "Voie": "street_address",
                           "complément": "street_address", "Tél. 1": "phones", "Tél. 2": "phones",
                           "Né le": "birth_date", "Refus": "objection", "Lien": "relation",
                           "Notes": "ignore"},
               "date_format": "yyyy-mm-dd", "objection": {"yes": "oui", "no": ["non", ""]},
               "relation": {"T": "Titulaire"}, "separator": ",", "encoding": "utf-8"})"));
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].dwelling_number(), "A1");
  EXPECT_EQ(rows[0].street_address(), "3 rue Basse Bât. B");
  EXPECT_THAT(rows[0].phones(), ElementsAre("0199004101"));
  EXPECT_EQ(rows[0].birth_date(), "1938-02-03");
  EXPECT_TRUE(rows[0].objection());
  EXPECT_EQ(rows[0].relation(), "Titulaire");
  EXPECT_FALSE(rows[1].objection());
  EXPECT_EQ(rows[1].relation(), "Fils");
  EXPECT_EQ(rows[1].street_address(), "4 rue Haute");
}

TEST(RegisterMappingTest, TheSampleIsAMapping) {
  std::ifstream file(VEILLE_SAMPLES_DIR "/mapping.json");
  const std::string json{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  EXPECT_THAT(ParseMapping(json), IsOk());
}

TEST(RegisterMappingTest, SeveralDateFormatsBecomeOne) {
  const std::string json =
      R"({"columns": {"L": "dwelling_number", "D": "birth_date"},
          "date_format": ["dd/mm/yyyy", "yyyy-mm-dd"]})";
  const OpenRegister open("L;D\n1;3/2/1938\n2;1938-02-03\n3;03.02.1938\n4;31/02/1938 00:00:00\n",
                          With(json));
  ASSERT_THAT(open.file, IsOk());
  EXPECT_EQ((*open.file)->date_format(), registry::v1::DATE_FORMAT_YEAR_MONTH_DAY);
  std::vector<std::string> dates;
  for (const auto& row : RowsOf(**open.file)) dates.push_back(row.birth_date());
  EXPECT_THAT(dates, ElementsAre("1938-2-3", "1938-02-03", "03.02.1938", "1938-02-31"));
  const OpenRegister one("L;D\n1;3/2/1938\n", With(R"({"columns": {"L": "dwelling_number",
      "D": "birth_date"}, "date_format": "mm/dd/yyyy"})"));
  ASSERT_THAT(one.file, IsOk());
  EXPECT_EQ((*one.file)->date_format(), registry::v1::DATE_FORMAT_MONTH_DAY_YEAR);
  EXPECT_EQ(RowsOf(**one.file)[0].birth_date(), "3/2/1938");
}

TEST(RegisterMappingTest, ColumnsAreAllNamedOrTheFileIsRefused) {
  const RegisterOptions options = With(MappingWith(R"("separator": ";")"));
  EXPECT_THAT(RefusalOf("Logement;Nom;Etage\n1;A;2\n", options),
              AllOf(StartsWith("line 1, column 3: "), HasSubstr("\"ignore\"")));
  EXPECT_THAT(RefusalOf("Logement;Nomm\n1;A\n", options),
              AllOf(StartsWith("line 1, column 2: "), HasSubstr("\"Nom\"")));
  EXPECT_THAT(RefusalOf("Logement\n1\n", options),
              AllOf(StartsWith("line 1: "), HasSubstr("\"Nom\"")));
}

TEST(RegisterMappingTest, ValuesOfObjectionAreAllKnownOrTheFileIsRefused) {
  const RegisterOptions options = With(
      R"({"columns": {"L": "dwelling_number", "R": "objection"},
          "objection": {"yes": ["O"], "no": ["N"]}})");
  const auto rows = RowsOf("L;R\n1;o\n2;n\n3;\n", options);
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_TRUE(rows[0].objection());
  EXPECT_FALSE(rows[1].objection());
  EXPECT_FALSE(rows[2].objection());
  EXPECT_THAT(RefusalOf("L;R\n1;o\n2;Secret\n", options),
              AllOf(StartsWith("line 3, column 2: "), ::testing::Not(HasSubstr("Secret"))));
}

TEST(RegisterMappingTest, MisspeltNamesAreRefusedWithTheClosest) {
  EXPECT_THAT(Fault(R"({"columns": {"L": "dwelling_numer"}})"), HasSubstr("\"dwelling_number\""));
  EXPECT_THAT(Fault(MappingWith(R"("date_fromat": "dd/mm/yyyy")")), HasSubstr("\"date_format\""));
  EXPECT_THAT(Fault(MappingWith(R"("date_format": "jj/mm/yyyy")")), HasSubstr("\"dd/mm/yyyy\""));
  EXPECT_THAT(Fault(MappingWith(R"("objection": {"yess": "O"})")), HasSubstr("\"yes\""));
  EXPECT_THAT(Fault(MappingWith(R"("encoding": "utf-7")")), HasSubstr("utf-8"));
  EXPECT_THAT(Fault(MappingWith(R"("separator": "#")")), HasSubstr("tab"));
}

TEST(RegisterMappingTest, ContradictionsAreRefused) {
  EXPECT_THAT(Fault(R"({"columns": {"A": "dwelling_number", "a ": "family_name"}})"),
              HasSubstr("twice"));
  EXPECT_THAT(Fault(R"({"columns": {"A": "dwelling_number", "A": "family_name"}})"),
              HasSubstr("twice"));
  EXPECT_THAT(Fault(R"({"columns": {"A": "dwelling_number", "B": "dwelling_number"}})"),
              HasSubstr("two columns"));
  EXPECT_THAT(Fault(R"({"columns": {"A": "family_name"}})"), HasSubstr("dwelling_number"));
  EXPECT_THAT(Fault(MappingWith(R"("date_format": ["dd/mm/yyyy", "mm/dd/yyyy"])")),
              HasSubstr("different dates"));
  EXPECT_THAT(Fault(MappingWith(R"("objection": {"yes": "O", "no": "o"})")),
              HasSubstr("as yes and as no"));
}

TEST(RegisterMappingTest, WhatIsNoMappingIsRefusedWithItsPlace) {
  EXPECT_THAT(Fault("{\n  \"columns\": {\n    \"A\": }\n"), HasSubstr("line 3, column 10"));
  EXPECT_THAT(Fault(""), HasSubstr("no JSON: line 1, column 1"));
  EXPECT_THAT(Fault("1e400"), HasSubstr("no JSON"));
  EXPECT_THAT(Fault("[]"), HasSubstr("no JSON object"));
  EXPECT_THAT(Fault("{}"), HasSubstr("columns"));
  EXPECT_THAT(Fault(R"({"columns": []})"), HasSubstr("columns"));
  EXPECT_THAT(Fault(R"({"columns": {"A": 1}})"), HasSubstr("\"A\""));
  EXPECT_THAT(Fault(MappingWith(R"("relation": {"T": 1})")), HasSubstr("relation"));
}

TEST(DatePatternTest, ReadsOnlyItsOwnDates) {
  const DatePattern day_first = *PatternOf("DD/MM/YYYY");
  EXPECT_EQ(IsoDate("03/02/1938", day_first), "1938-02-03");
  EXPECT_EQ(IsoDate("03/02/1938 12:30:00", day_first), "1938-02-03");
  EXPECT_EQ(IsoDate("03-02-1938", day_first), std::nullopt);
  EXPECT_EQ(IsoDate("13/13/1938", day_first), std::nullopt);
  EXPECT_EQ(IsoDate("03/02/38", day_first), std::nullopt);
  EXPECT_EQ(IsoDate("03021938", *PatternOf("ddmmyyyy")), "1938-02-03");
  EXPECT_EQ(IsoDate("3021938", *PatternOf("ddmmyyyy")), std::nullopt);
  EXPECT_EQ(PatternOf("dd/mm/yy"), std::nullopt);
}

}  // namespace
}  // namespace veille::veillectl
