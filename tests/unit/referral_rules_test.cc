// The pure rules of the referral service.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "referral/domain/commune.h"
#include "referral/domain/deadlines.h"
#include "referral/domain/endpoint.h"
#include "referral/domain/partner.h"
#include "referral/domain/partner_case.h"
#include "referral/domain/transitions.h"
#include "referral/domain/worklist_item.h"
#include "referral/domain/written_request.h"

namespace veille::referral {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(CommuneTest, KnowsTheFormOfInseeCodes) {
  for (const char* code : {"31555", "01001", "2A004", "2B033", "97411", "98818"}) {
    EXPECT_TRUE(IsInseeCode(code)) << code;
  }
  for (const char* code :
       {"", "3155", "315555", "31 55", "2C004", "00001", "99100", "A2004", "31a55", "２A004"}) {
    EXPECT_FALSE(IsInseeCode(code)) << code;
  }
}

TEST(CommuneTest, ArrondissementsBelongToTheirCity) {
  EXPECT_EQ(RoutingCommune("75112"), "75056");
  EXPECT_EQ(RoutingCommune("75056"), "75056");
  EXPECT_EQ(RoutingCommune("69381"), "69123");
  EXPECT_EQ(RoutingCommune("13216"), "13055");
  EXPECT_EQ(RoutingCommune("75121"), "75121");
  EXPECT_EQ(RoutingCommune("31555"), "31555");
}

TEST(EndpointTest, OnlyThisMachine) {
  for (const char* target : {"127.0.0.1:80", "127.255.0.9:65535", "[::1]:7004", "localhost:1"}) {
    EXPECT_TRUE(IsLoopbackTarget(target)) << target;
  }
  for (const char* target : {"",
                             "127.0.0.1",
                             "127.0.0.1:",
                             "127.0.0.1:0",
                             "127.0.0.1:65536",
                             "127.0.0.1:8x",
                             "10.0.0.1:80",
                             "127.1:80",
                             "2130706433:80",
                             "0x7f.0.0.1:80",
                             "127.0.0.1.example:80",
                             "localhost.example:80",
                             "[::1]:",
                             "[::ffff:127.0.0.1]:80",
                             "::1:80",
                             "dns:///127.0.0.1:80",
                             "unix:/tmp/inbox",
                             "0.0.0.0:80",
                             "169.254.169.254:80",
                             " 127.0.0.1:80",
                             "127.0.0.1:+80",
                             "LOCALHOST@example:80"}) {
    EXPECT_FALSE(IsLoopbackTarget(target)) << target;
  }
}

TEST(RetryDelayTest, GrowsToAnHourAndNeverEnds) {
  EXPECT_EQ(RetryDelay(1, 0.0), absl::Seconds(5));
  for (int tries = 1; tries < 100; ++tries) {
    EXPECT_GE(RetryDelay(tries + 1, 0.5), RetryDelay(tries, 0.5));
    EXPECT_LE(RetryDelay(tries, 0.999), absl::Hours(1));
  }
  EXPECT_EQ(RetryDelay(1'000'000, 0.0), absl::Minutes(30));
}

TEST(RestLengthTest, GrowsToFiveMinutes) {
  EXPECT_EQ(RestLength(1, 0.0), absl::Seconds(5));
  for (int failures = 1; failures < 100; ++failures) {
    EXPECT_GE(RestLength(failures + 1, 0.5), RestLength(failures, 0.5));
    EXPECT_LE(RestLength(failures, 0.999), absl::Minutes(5));
  }
}

TEST(NeedBitsTest, GoBothWays) {
  EXPECT_THAT(NeedsOf(NeedBits({Need::kMeals, Need::kOther})),
              ElementsAre(Need::kMeals, Need::kOther));
  EXPECT_EQ(NeedsOf(-1).size(), kNeeds);
  EXPECT_THAT(NeedsOf(0), IsEmpty());
}

TEST(TakesTest, TheRegisterIsTheTownHallsAlone) {
  for (const auto kind :
       {PartnerKind::kTownHall, PartnerKind::kCcas, PartnerKind::kCias, PartnerKind::kDepartement,
        PartnerKind::kAssociation, PartnerKind::kOther}) {
    EXPECT_EQ(Takes(kind, Need::kMunicipalRegister), kind == PartnerKind::kTownHall);
    EXPECT_TRUE(Takes(kind, Need::kMeals));
    EXPECT_TRUE(Takes(kind, Need::kOther));
  }
}

PartnerCase CaseFor(Need need, ReferralState state) {
  PartnerCase own;
  own.need = need;
  own.state = state;
  own.acknowledge_deadline = absl::UnixEpoch();
  own.person = SharedContact{.title = "Mme",
                             .family_name = "Martin",
                             .given_name = "Odette",
                             .phones = {"+33561000001"},
                             .address_lines = {"1 rue Haute"},
                             .commune_name = "Toulouse"};
  return own;
}

TEST(MinimiseTest, OnlyWhoComesToTheDoorGetsTheAddress) {
  PartnerCase meals = CaseFor(Need::kMeals, ReferralState::kAccepted);
  Minimise(meals);
  EXPECT_THAT(meals.person->address_lines, ElementsAre("1 rue Haute"));
  PartnerCase papers = CaseFor(Need::kAdmin, ReferralState::kAccepted);
  Minimise(papers);
  EXPECT_THAT(papers.person->address_lines, IsEmpty());
  EXPECT_THAT(papers.person->phones, ElementsAre("+33561000001"));
}

PartnerCase RegisterCase(RegisterGround ground) {
  PartnerCase own = CaseFor(Need::kMunicipalRegister, ReferralState::kReceived);
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, "2020-04-01T08:05:00Z", &time, &error)) << error;
  own.register_entry = RegisterEntry{.ground = ground, .non_objection_time = time};
  own.time_zone = "Europe/Paris";
  Minimise(own);
  return own;
}

TEST(WrittenRequestTest, SaysWhoAsksForWhomOnWhatGroundAndThatNobodyObjected) {
  const PartnerCase own = RegisterCase(RegisterGround::kDisabledAtHome);
  const std::string request = WrittenRequest(own);
  for (const char* part :
       {"article L121-6-1", "décret n° 2004-926", "Le bailleur social",
        "en qualité de tiers et par écrit", "Mme Odette Martin\n", "1 rue Haute, Toulouse\n",
        "+33561000001", "Motif : personne adulte handicapée",
        "ne s'y est pas opposée le 1er avril 2020 à 10 h 05.",
        "accuse réception de la demande dans les huit jours"}) {
    EXPECT_THAT(request, HasSubstr(part));
  }
  EXPECT_THAT(request, HasSubstr(own.id.ToString()));
  EXPECT_THAT(WrittenRequest(RegisterCase(RegisterGround::kAge65)), HasSubstr("65 ans ou plus"));
  EXPECT_THAT(WrittenRequest(RegisterCase(RegisterGround::kAge60UnfitForWork)),
              HasSubstr("plus de 60 ans, reconnue inapte au travail"));
}

TEST(WrittenRequestTest, ThereIsNoneOfOtherCasesNorOfOnesThatShowNoPerson) {
  EXPECT_EQ(WrittenRequest(CaseFor(Need::kMeals, ReferralState::kReceived)), "");
  PartnerCase ended = RegisterCase(RegisterGround::kAge65);
  ended.person.reset();
  EXPECT_EQ(WrittenRequest(ended), "");
}

TEST(MinimiseTest, TheDeadlineGoesWithTheAcceptance) {
  PartnerCase waiting = CaseFor(Need::kMeals, ReferralState::kReceived);
  Minimise(waiting);
  EXPECT_TRUE(waiting.acknowledge_deadline.has_value());
  PartnerCase accepted = CaseFor(Need::kMeals, ReferralState::kAccepted);
  Minimise(accepted);
  EXPECT_FALSE(accepted.acknowledge_deadline.has_value());
}

WorklistSituation Stands(ReferralState state, bool has_partner, bool has_other_item = false) {
  return {.state = state,
          .partner = has_partner ? ids::PartnerId::Random() : ids::PartnerId(),
          .has_other_item = has_other_item};
}

TEST(WorklistDecisionTest, SeenIsForCasesThatSomebodyHasOrThatAnotherItemPointsTo) {
  for (int state = 1; state <= 8; ++state) {
    const auto stands = static_cast<ReferralState>(state);
    EXPECT_EQ(MayDecide(WorklistDecision::kSeen, Stands(stands, false)), HasEnded(stands));
    EXPECT_TRUE(MayDecide(WorklistDecision::kSeen, Stands(stands, true)));
    EXPECT_TRUE(MayDecide(WorklistDecision::kSeen, Stands(stands, false, true)));
  }
}

TEST(WorklistDecisionTest, WhatIsAboutAnEarlierPartnerCanAlwaysBeSeenAndNothingElse) {
  for (int state = 1; state <= 8; ++state) {
    WorklistSituation situation = Stands(static_cast<ReferralState>(state), false);
    situation.is_about_earlier = true;
    EXPECT_THAT(PossibleDecisions(situation), ElementsAre(WorklistDecision::kSeen));
  }
}

TEST(WorklistDecisionTest, ListsWhatIsPossible) {
  using enum WorklistDecision;
  EXPECT_THAT(PossibleDecisions(Stands(ReferralState::kRejected, false)),
              ElementsAre(kAssign, kRetry, kCancel));
  EXPECT_THAT(PossibleDecisions(Stands(ReferralState::kReceived, true)),
              ElementsAre(kAssign, kRetry, kCancel, kSeen));
  EXPECT_THAT(PossibleDecisions(Stands(ReferralState::kInProgress, true)),
              ElementsAre(kAssign, kCancel, kSeen));
  EXPECT_THAT(PossibleDecisions(Stands(ReferralState::kCompleted, false)), ElementsAre(kSeen));
}

TEST(ShownStateTest, AnEndedAssignmentShowsNothingOfTheNext) {
  EXPECT_EQ(ShownState(AssignmentState::kOpen, ReferralState::kAccepted), ReferralState::kAccepted);
  EXPECT_EQ(ShownState(AssignmentState::kCompleted, ReferralState::kCompleted),
            ReferralState::kCompleted);
  EXPECT_EQ(ShownState(AssignmentState::kDeclined, ReferralState::kAccepted),
            ReferralState::kRejected);
  EXPECT_EQ(ShownState(AssignmentState::kSuperseded, ReferralState::kInProgress),
            ReferralState::kCancelled);
}

}  // namespace
}  // namespace veille::referral
