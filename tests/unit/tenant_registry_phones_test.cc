#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tenant_registry/domain/communes.h"
#include "tenant_registry/domain/phone_number.h"
#include "tenant_registry/domain/text.h"

namespace veille::tenant_registry {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// "+33536491234 v": each number with its verdict (v valid, p possible, x invalid).
std::vector<std::string> Read(std::string_view cell, std::string_view region = "FR") {
  std::vector<std::string> read;
  for (const PhoneNumber& number : ReadPhones(cell, region)) {
    const char* verdict = number.verdict == PhoneVerdict::kValid      ? "v"
                          : number.verdict == PhoneVerdict::kPossible ? "p"
                                                                      : "x";
    read.push_back((number.e164.empty() ? number.original : number.e164) + " " + verdict);
  }
  return read;
}

TEST(PhonesTest, OneNumberHoweverItIsTyped) {
  for (const char* cell : {"0536491234", "05 36 49 12 34", "05.36.49.12.34", "05-36-49-12-34",
                           "0536 491 234", " 0536491234 ", "536491234", "0033536491234",
                           "+33536491234", "+33(0)536491234", "+33 5 36 49 12 34",
                           "05\xc2\xa0"
                           "36\xc2\xa0"
                           "49\xc2\xa0"
                           "12\xc2\xa0"
                           "34",
                           "05\u201136\u201149\u201112\u201134", "tél : 05 36 49 12 34"}) {
    EXPECT_THAT(Read(cell), ElementsAre("+33536491234 v")) << cell;
  }
}

TEST(PhonesTest, SeveralNumbersInOneCell) {
  for (const char* cell :
       {"05 36 49 12 34 / 06 39 98 01 02", "0536491234;0639980102", "0536491234 ou 0639980102",
        "0536491234 0639980102", "05.36.49.12.34 +33(0)639980102", "0033536491234 06 39 98 01 02",
        "+33 5 36 49 12 34 +33 6 39 98 01 02", "0536 491 234, 0639 980 102"}) {
    EXPECT_THAT(Read(cell), ElementsAre("+33536491234 v", "+33639980102 p")) << cell;
  }
}

TEST(PhonesTest, WhatIsNoNumber) {
  for (const char* cell : {"06", "05 36 49", "1234567890123456", "0000000000", "00 00 00 00 00"}) {
    EXPECT_THAT(Read(cell), ElementsAre(std::string(cell) + " x"));
  }
  for (const char* cell : {"", "inconnu", "NC", "?", "néant", "pas de téléphone", "-"}) {
    EXPECT_THAT(Read(cell), IsEmpty()) << cell;
  }
  EXPECT_THAT(Read("05 36 49 / 0536491234"), ElementsAre("05 36 49 x", "+33536491234 v"));
}

TEST(PhonesTest, OverseasNumbersGoToTheirOwnCountry) {
  for (const char* home :
       {"FR", "GP", "MQ", "GF", "RE", "PM", "YT", "NC", "PF", "WF", "BL", "MF"}) {
    EXPECT_THAT(Read("0692 12 34 56", home), ElementsAre("+262692123456 v")) << home;
    EXPECT_THAT(Read("0690 12 34 56", home), ElementsAre("+590690123456 v")) << home;
    EXPECT_THAT(Read("0696 12 34 56", home), ElementsAre("+596696123456 v")) << home;
    EXPECT_THAT(Read("0694 20 12 34", home), ElementsAre("+594694201234 v")) << home;
    EXPECT_THAT(Read("0262 30 12 34", home), ElementsAre("+262262301234 v")) << home;
    EXPECT_THAT(Read("0269 61 12 34", home), ElementsAre("+262269611234 v")) << home;
    EXPECT_THAT(Read("0590 20 12 34", home), ElementsAre("+590590201234 v")) << home;
    EXPECT_THAT(Read("0596 30 12 34", home), ElementsAre("+596596301234 v")) << home;
    EXPECT_THAT(Read("0508 41 12 34", home), ElementsAre("+508411234 v")) << home;
    EXPECT_THAT(Read("0536491234", home), ElementsAre("+33536491234 v")) << home;
  }
  // In a range that is not known yet it is still overseas.
  EXPECT_THAT(Read("0691 99 99 98"), ElementsAre("+590691999998 p"));
  EXPECT_THAT(Read("691999998"), ElementsAre("+590691999998 p"));
  EXPECT_THAT(Read("+33 6 92 12 34 56"), ElementsAre("+33692123456 p"));
  EXPECT_THAT(Read("26 12 34", "NC"), ElementsAre("+687261234 v"));
  EXPECT_THAT(Read("+44 20 7946 0018"), ElementsAre("+442079460018 v"));
}

TEST(CommunesTest, AreFoundByCodeAndByName) {
  const Communes& communes = Communes::All();
  EXPECT_EQ(communes.Find("31555")->name, "Toulouse");
  EXPECT_EQ(communes.Find("75116")->code, "75056");
  EXPECT_EQ(communes.Find("13201")->code, "13055");
  EXPECT_EQ(communes.Find("69389")->name, "Lyon");
  EXPECT_EQ(communes.Find("2A004")->name, "Ajaccio");
  for (const char* unknown : {"", "99999", "ABCDE", "3155", "315555"}) {
    EXPECT_EQ(communes.Find(unknown), nullptr) << unknown;
  }
  for (const char* name :
       {"Saint-Étienne", "ST ETIENNE", "saint etienne", "SAINT-ETIENNE CEDEX 1"}) {
    const Commune* found = communes.FindByName("42000", name);
    ASSERT_NE(found, nullptr) << name;
    EXPECT_EQ(found->code, "42218");
  }
  EXPECT_EQ(communes.FindByName("31000", "Saint-Étienne"), nullptr);
  EXPECT_EQ(communes.FindByName("", ""), nullptr);
}

// Registers keep names that the list has no more, or never had.
TEST(CommunesTest, AreFoundWhereTheNameIsNotThatOfTheList) {
  const Communes& communes = Communes::All();
  const auto code = [&](const char* postal_code, const char* name) {
    const Commune* found = communes.FindByName(postal_code, name);
    return found == nullptr ? "none" : std::string(found->code);
  };
  // Districts belong to their city, however they are written.
  EXPECT_EQ(code("75015", "PARIS 15"), "75056");
  EXPECT_EQ(code("75015", "Paris 15e Arrondissement"), "75056");
  EXPECT_EQ(code("69003", "Lyon 3ème"), "69123");
  EXPECT_EQ(code("13008", "MARSEILLE 08"), "13055");
  // Half a name, when only one commune of the postal code has it.
  EXPECT_EQ(code("31290", "Villefranche Lauragais"), "31582");
  EXPECT_EQ(code("31290", "Villefranche"), "31582");
  EXPECT_EQ(code("33138", "LANTON (GIRONDE)"), "33229");
  // Merged: into one that kept a part of the name, or into the only one that the postal code
  // serves.
  EXPECT_EQ(code("86130", "JAUNAY CLAN"), "86115");
  EXPECT_EQ(code("86470", "BENASSAY"), "86123");
  // Another commune's name contradicts the postal code, and so does a postal code of many.
  EXPECT_EQ(code("31000", "Saint-Étienne"), "none");
  EXPECT_EQ(code("24330", "Ancien-Village"), "none");
  EXPECT_EQ(code("00000", "?"), "none");
  EXPECT_EQ(code("31000", "?"), "none");
}

TEST(CommunesTest, KnowTheirTimeZones) {
  const Communes& communes = Communes::All();
  EXPECT_EQ(communes.Find("97411")->time_zone, "Indian/Reunion");
  EXPECT_EQ(communes.Find("98735")->time_zone, "Pacific/Tahiti");
  EXPECT_EQ(communes.Find("98731")->time_zone, "Pacific/Marquesas");
  EXPECT_EQ(communes.Find("98818")->time_zone, "Pacific/Noumea");
  EXPECT_EQ(communes.Find("2A004")->time_zone, "Europe/Paris");
}

TEST(CommunesTest, KnowTheRegionsOfTheirPhoneNumbers) {
  const Communes& communes = Communes::All();
  const std::vector<std::pair<const char*, const char*>> expected = {
      {"31555", "FR"}, {"2A004", "FR"}, {"75116", "FR"}, {"97105", "GP"}, {"97209", "MQ"},
      {"97302", "GF"}, {"97411", "RE"}, {"97502", "PM"}, {"97608", "YT"}, {"98735", "PF"},
      {"98818", "NC"}, {"97701", "BL"}, {"97801", "MF"}};
  for (const auto& [code, region] : expected) {
    ASSERT_NE(communes.Find(code), nullptr) << code;
    EXPECT_EQ(communes.Find(code)->region, region) << code;
  }
}

TEST(TextTest, FoldsForComparison) {
  EXPECT_EQ(Fold("Léa  D'ARC-Œuvre"), "lea d arc oeuvre");
  EXPECT_EQ(Fold("LEA D ARC OEUVRE"), "lea d arc oeuvre");
  EXPECT_EQ(Fold("Nguyễn"), "nguyen");
  EXPECT_EQ(Fold(" -- "), "");
}

TEST(TextTest, CleansCells) {
  EXPECT_EQ(CleanCell("  a \t b\r\n"), "a b");
  EXPECT_EQ(CleanCell("\xef\xbb\xbf"
                      "a\xc2\xa0"
                      "b"),
            "a b");
  EXPECT_EQ(CleanCell("é"), "é");
  EXPECT_FALSE(CleanCell("a\x07").has_value());
  EXPECT_FALSE(CleanCell("a\xc2\x85").has_value());
  EXPECT_EQ(Truncate("éàü", 2), "éà");
}

}  // namespace
}  // namespace veille::tenant_registry
