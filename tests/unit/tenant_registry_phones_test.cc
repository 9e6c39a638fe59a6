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
  EXPECT_THAT(Read("0692 12 34 56"), ElementsAre("+262692123456 v"));
  EXPECT_THAT(Read("0690 12 34 56"), ElementsAre("+590690123456 v"));
  EXPECT_THAT(Read("0696 12 34 56"), ElementsAre("+596696123456 v"));
  EXPECT_THAT(Read("0536491234", "RE"), ElementsAre("+33536491234 v"));
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

TEST(CommunesTest, KnowTheirTimeZones) {
  const Communes& communes = Communes::All();
  EXPECT_EQ(communes.Find("97411")->time_zone, "Indian/Reunion");
  EXPECT_EQ(communes.Find("97209")->region, "MQ");
  EXPECT_EQ(communes.Find("98735")->time_zone, "Pacific/Tahiti");
  EXPECT_EQ(communes.Find("98731")->time_zone, "Pacific/Marquesas");
  EXPECT_EQ(communes.Find("98818")->time_zone, "Pacific/Noumea");
  EXPECT_EQ(communes.Find("2A004")->time_zone, "Europe/Paris");
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
