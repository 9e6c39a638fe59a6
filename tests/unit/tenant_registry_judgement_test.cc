// Whom a cohort takes, and what people type: the rules without a database.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tenant_registry/domain/cohort.h"
#include "tenant_registry/domain/household_correction.h"
#include "tenant_registry/domain/name_search.h"

namespace veille::tenant_registry {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

Candidate::Person Old(int64_t position, bool objects = false) {
  return {TenantId::Random(), position, /*of_age=*/true, objects};
}

Candidate::Person Young(int64_t position) {
  return {TenantId::Random(), position, /*of_age=*/false, /*objects=*/false};
}

Candidate Callable() {
  Candidate candidate;
  candidate.id = HouseholdId::Random();
  candidate.commune_code = "31555";
  candidate.persons = {Old(1)};
  candidate.numbers = {{candidate.persons[0].id, 1, "a"}};
  return candidate;
}

TEST(JudgeTest, SelectsWhoeverCanBeCalled) {
  const Candidate candidate = Callable();
  const JudgedHousehold judged = Judge(candidate);
  EXPECT_FALSE(judged.left_out.has_value());
  EXPECT_EQ(judged.id, candidate.id);
  EXPECT_EQ(judged.commune_code, "31555");
  EXPECT_THAT(judged.subjects, ElementsAre(candidate.persons[0].id));
  EXPECT_THAT(judged.phone_hashes, ElementsAre("a"));
}

// Every combination of what speaks against a call gives the first reason that holds.
TEST(JudgeTest, GivesTheFirstReasonThatHolds) {
  for (const bool young : {false, true}) {
    for (const bool household_objects : {false, true}) {
      for (const bool person_objects : {false, true}) {
        for (const bool no_number : {false, true}) {
          Candidate candidate = Callable();
          candidate.persons[0].of_age = !young;
          candidate.persons[0].objects = person_objects;
          candidate.objects = household_objects;
          if (no_number) candidate.numbers.clear();
          std::optional<LeftOutReason> expected;
          if (young) {
            expected = LeftOutReason::kUnderAge;
          } else if (household_objects || person_objects) {
            expected = LeftOutReason::kObjection;
          } else if (no_number) {
            expected = LeftOutReason::kNoValidPhone;
          }
          const JudgedHousehold judged = Judge(candidate);
          EXPECT_EQ(judged.left_out, expected);
          EXPECT_EQ(judged.subjects.empty(), expected.has_value());
          EXPECT_EQ(judged.phone_hashes.empty(), expected.has_value());
        }
      }
    }
  }
}

TEST(JudgeTest, AnEmptyHouseholdHasNobodyOfAge) {
  EXPECT_EQ(Judge(Candidate()).left_out, LeftOutReason::kUnderAge);
}

TEST(JudgeTest, SubjectsComeInTheOrderOfTheRegister) {
  Candidate candidate = Callable();
  candidate.persons = {Old(3), Old(1), Young(0), Old(2, /*objects=*/true)};
  EXPECT_THAT(Judge(candidate).subjects,
              ElementsAre(candidate.persons[1].id, candidate.persons[0].id));
}

TEST(JudgeTest, NumbersOfACoordinatorComeFirstAndEachOnce) {
  Candidate candidate = Callable();
  candidate.persons = {Old(2), Young(1)};
  const TenantId later = candidate.persons[0].id, earlier = candidate.persons[1].id;
  candidate.numbers = {{later, 1, "d"},      {earlier, 2, "c"},    {earlier, 1, "b"},
                       {TenantId(), 2, "a"}, {TenantId(), 1, "c"}, {later, 2, "b"}};
  EXPECT_THAT(Judge(candidate).phone_hashes, ElementsAre("c", "a", "b", "d"));
}

std::vector<std::string> Sought(std::string_view typed) {
  std::vector<std::string> words;
  for (const SoughtWord& word : WordsToSeek(typed)) {
    words.push_back(word.text + (word.begins ? "…" : ""));
  }
  return words;
}

TEST(NameSearchTest, SeeksFoldedWordsEachOnce) {
  EXPECT_THAT(Sought("  D'ARC-Œuvre, Zoé zoé "), ElementsAre("d", "arc…", "oeuvre…", "zoe…"));
  EXPECT_THAT(Sought("Lê Ng"), ElementsAre("le", "ng"));
  EXPECT_THAT(Sought("'&|!:*()\\"), IsEmpty());
  EXPECT_THAT(Sought("ÉÀÜ"), ElementsAre("eau…"));
}

TEST(CorrectionTest, AListOfNumbersHasEachOnceAndTellsWhatIsNone) {
  const ReadList read = ReadTyped(std::vector<TypedPhone>{{"0536491234"},
                                                          {""},
                                                          {"12"},
                                                          {"+33 5 36 49 12 34"},
                                                          {"0639980102", false},
                                                          {"0536491234 / 0639980102"}},
                                  "FR");
  ASSERT_THAT(read.phones, SizeIs(2));
  EXPECT_EQ(read.phones[0].e164, "+33536491234");
  EXPECT_EQ(read.phones[0].verdict, PhoneVerdict::kValid);
  EXPECT_EQ(read.phones[1].verdict, PhoneVerdict::kNotWorking);
  EXPECT_THAT(read.unreadable, ElementsAre(2, 5));
}

TEST(CorrectionTest, AKeyContactNeedsNoNumber) {
  const ReadContacts read = ReadTyped(
      std::vector<TypedContact>{{"Sa fille", ""}, {"", "0692123456"}, {"Son fils", "12"}}, "FR");
  ASSERT_THAT(read.contacts, SizeIs(2));
  EXPECT_EQ(read.contacts[1].e164, "+262692123456");
  EXPECT_THAT(read.unreadable, ElementsAre(2));
}

TEST(CorrectionTest, WhatEndsCallsIsToldOnceEach) {
  CorrectionEffect effect;
  EXPECT_THAT(EndingChanges(HouseholdId::Random(), effect), IsEmpty());
  effect.household_objects = true;
  effect.died = {TenantId::Random(), TenantId::Random()};
  const auto changes = EndingChanges(HouseholdId::Random(), effect);
  ASSERT_THAT(changes, SizeIs(2));
  EXPECT_EQ(changes[0].kind, ChangeKind::kObjection);
  EXPECT_THAT(changes[0].tenants, IsEmpty());
  EXPECT_EQ(changes[1].kind, ChangeKind::kDeceased);
  EXPECT_THAT(changes[1].tenants, SizeIs(2));
}

}  // namespace
}  // namespace veille::tenant_registry
