// What a simulation foresees: the same for the same seed and register, in proportion to the cohort,
// and made of answers that a script really takes.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <functional>
#include <set>

#include "absl/strings/str_cat.h"
#include "testing/status_matchers.h"
#include "veillectl/client/failure.h"
#include "veillectl/client/input.h"
#include "veillectl/simulation/callees.h"
#include "veillectl/simulation/ledger.h"
#include "veillectl/simulation/partner_log.h"
#include "veillectl/simulation/referral_audit.h"

namespace veille::veillectl {
namespace {

namespace pb = ::veille::calls::v1;
namespace com = ::veille::common::v1;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::IsOk;
using ::testing::Not;
using ::testing::Pair;

pb::Script SampleScript() {
  pb::Script script;
  EXPECT_THAT(ReadMessage(absl::StrCat(VEILLE_SAMPLES_DIR, "/script.json"), &script), IsOk());
  return script;
}

// `tag` stands in for what differs from run to run.
std::vector<Callee> SomeCallees(int count, const std::string& tag = "a") {
  std::vector<Callee> callees;
  for (int i = 0; i < count; ++i) {
    callees.push_back(
        {.key = absl::StrCat("key-", 100'000 + i),
         .household_id = absl::StrCat("household-", tag, "-", i),
         .commune_code = "31555",
         .tenant_ids = {absl::StrCat(tag, "-", i, "-1"), absl::StrCat(tag, "-", i, "-2")},
         .subjects = i % 3 == 0 ? std::vector<int>{1, 2} : std::vector<int>{1}});
  }
  return callees;
}

pb::RetryRule Rule(pb::Disposition disposition, int maximum) {
  pb::RetryRule rule;
  rule.set_disposition(disposition);
  rule.set_maximum_attempts(maximum);
  return rule;
}

SimulationSettings Settings(uint64_t seed, double answer_rate) {
  return {.seed = seed, .answer_rate = answer_rate, .retry_rules = {}};
}

Ledger LedgerOf(const std::vector<Callee>& callees, const SimulationSettings& settings) {
  Conversations conversations(SampleScript());
  return ForeseeAll(callees, settings, conversations);
}

template <typename Predicate>
double ShareOf(const Ledger& ledger, Predicate predicate) {
  const auto count = std::count_if(ledger.households.begin(), ledger.households.end(), predicate);
  return static_cast<double>(count) / static_cast<double>(ledger.households.size());
}

bool Asks(const ForeseenHousehold& household) {
  return std::any_of(
      household.findings.begin(), household.findings.end(),
      [](const ForeseenFinding& finding) { return finding.outcome.kind == pb::FINDING_KIND_NEED; });
}

TEST(LedgerTest, TheSameSeedAndRegisterGiveTheSameLedger) {
  const std::string first = WriteLedger(LedgerOf(SomeCallees(500, "a"), Settings(7, 0.87)));
  EXPECT_EQ(first, WriteLedger(LedgerOf(SomeCallees(500, "b"), Settings(7, 0.87))))
      << "ids differ from run to run and must not matter";
  EXPECT_NE(first, WriteLedger(LedgerOf(SomeCallees(500), Settings(8, 0.87))));
}

TEST(LedgerTest, AHouseholdSaysTheSameWhoeverElseIsCalled) {
  Conversations conversations(SampleScript());
  const std::vector<Callee> callees = SomeCallees(200);
  const SimulationSettings settings = Settings(7, 0.87);
  const Ledger all = ForeseeAll(callees, settings, conversations);
  Conversations fresh(SampleScript());
  for (const size_t i : {199u, 3u, 42u}) {
    const Ledger alone{7, 0.87, {Foresee(callees[i], settings, fresh)}};
    const Ledger among{7, 0.87, {all.households[i]}};
    EXPECT_EQ(WriteLedger(alone), WriteLedger(among)) << i;
  }
}

TEST(LedgerTest, HoldsNoIdOfARun) {
  const std::string text = WriteLedger(LedgerOf(SomeCallees(50, "secret"), Settings(7, 0.87)));
  EXPECT_THAT(text, Not(HasSubstr("secret")));
  EXPECT_THAT(text, Not(HasSubstr("31555")));
}

TEST(LedgerTest, IsInProportionToTheCohort) {
  const Ledger ledger = LedgerOf(SomeCallees(20'000), Settings(11, 0.87));
  const auto reached = [](const ForeseenHousehold& household) { return household.reached; };
  EXPECT_GT(ShareOf(ledger, reached), 0.999);
  EXPECT_NEAR(ShareOf(ledger, Asks), 0.0095, 0.003);
  EXPECT_NEAR(ShareOf(ledger, std::mem_fn(&ForeseenHousehold::called_weekly)), 0.0294, 0.005);
  size_t attempts = 0;
  int meals = 0;
  int needs = 0;
  for (const ForeseenHousehold& household : ledger.households) {
    attempts += household.attempts.size();
    for (const ForeseenFinding& finding : household.findings) {
      if (finding.outcome.kind != pb::FINDING_KIND_NEED) continue;
      ++needs;
      meals += finding.outcome.need == com::NEED_MEALS ? 1 : 0;
    }
  }
  EXPECT_NEAR(static_cast<double>(attempts) / 20'000, 2'700.0 / 2'320, 0.03);
  EXPECT_GT(meals, needs / 2);
}

TEST(LedgerTest, WhoeverPicksUpSeldomIsNotAlwaysReached) {
  SimulationSettings settings = Settings(11, 0.6);
  for (const pb::Disposition unanswered :
       {pb::DISPOSITION_NO_ANSWER, pb::DISPOSITION_BUSY, pb::DISPOSITION_VOICEMAIL_LEFT,
        pb::DISPOSITION_VOICEMAIL_NO_MESSAGE}) {
    *settings.retry_rules.Add() = Rule(unanswered, 3);
  }
  const Ledger ledger = LedgerOf(SomeCallees(20'000), settings);
  EXPECT_NEAR(ShareOf(ledger, [](const ForeseenHousehold& h) { return !h.reached; }), 0.064, 0.01);
  for (const ForeseenHousehold& household : ledger.households) {
    if (!household.reached) EXPECT_EQ(household.attempts.size(), 3u);
    EXPECT_EQ(household.reached || household.findings.empty(), true);
  }
}

TEST(LedgerTest, NobodyPicksUpAtRateZeroAndEverybodyAtOne) {
  for (const ForeseenHousehold& household : LedgerOf(SomeCallees(100), Settings(1, 0)).households) {
    EXPECT_FALSE(household.reached);
    EXPECT_EQ(household.attempts.size(), 5u);
  }
  for (const ForeseenHousehold& household : LedgerOf(SomeCallees(100), Settings(1, 1)).households) {
    EXPECT_TRUE(household.reached);
    EXPECT_LE(household.attempts.size(), 2u);  // two when somebody asks to be called back
  }
}

TEST(LedgerTest, WhatIsSaidLeadsToWhatIsForeseen) {
  const pb::Script script = SampleScript();
  for (const ForeseenHousehold& household :
       LedgerOf(SomeCallees(3'000), Settings(3, 0.87)).households) {
    std::vector<ForeseenFinding> found;
    for (const Speech& speech : household.attempts.back().speeches) {
      Spoken spoken;
      for (const pb::Answer& answer : speech.answers) {
        if (answer.has_boolean()) spoken[answer.question_id()] = answer.boolean();
        if (answer.has_number()) spoken[answer.question_id()] = int64_t{answer.number()};
        if (answer.has_choice_id()) spoken[answer.question_id()] = answer.choice_id();
      }
      for (const Outcome& outcome : OutcomesOf(script, spoken)) {
        EXPECT_NE(outcome.urgency, com::URGENCY_EMERGENCY);
        if (outcome.kind != pb::FINDING_KIND_ALL_WELL)
          found.push_back({speech.tenant, outcome, false});
      }
      for (const pb::RaisedFinding& raised : speech.raised) {
        found.push_back(
            {speech.tenant, {pb::FINDING_KIND_NEED, raised.need(), raised.urgency()}, false});
      }
      for (ForeseenFinding& finding : found) {
        for (const pb::Agreement& agreement : speech.agreements) {
          if (finding.tenant == speech.tenant && agreement.need() == finding.outcome.need &&
              agreement.kind() != pb::AGREEMENT_KIND_STORE_HEALTH_ANSWERS) {
            finding.agreed = agreement.agreed();
          }
        }
      }
    }
    std::sort(found.begin(), found.end());
    EXPECT_EQ(found, household.findings) << household.key;
  }
}

TEST(LedgerTest, IsReadAsItWasWritten) {
  const Ledger ledger = LedgerOf(SomeCallees(300), Settings(5, 0.6));
  const auto read = ReadLedger(WriteLedger(ledger));
  ASSERT_THAT(read, IsOk());
  EXPECT_EQ(read->seed, 5u);
  ASSERT_EQ(read->households.size(), 300u);
  for (size_t i = 0; i < 300; ++i) {
    EXPECT_EQ(read->households[i].key, ledger.households[i].key);
    EXPECT_EQ(read->households[i].findings, ledger.households[i].findings);
    EXPECT_EQ(read->households[i].attempts.size(), ledger.households[i].attempts.size());
  }
}

TEST(LedgerTest, ACutOrForeignFileIsRefused) {
  const std::string text = WriteLedger(LedgerOf(SomeCallees(3), Settings(5, 0.6)));
  EXPECT_EQ(ExitCodeOf(ReadLedger(text.substr(0, text.size() / 2)).status()), kUsage);
  EXPECT_EQ(ExitCodeOf(ReadLedger(text.substr(0, text.rfind('\n', text.size() - 2) + 1)).status()),
            kUsage);
  EXPECT_EQ(ExitCodeOf(ReadLedger("").status()), kUsage);
  EXPECT_EQ(ExitCodeOf(ReadLedger("{\"title\":\"shopping\",\"version\":1}\n").status()), kUsage);
}

TEST(LedgerTest, AnotherLedgerIsNotWrittenOver) {
  const std::string path = ::testing::TempDir() + "/simulation-ledger";
  std::remove(path.c_str());
  const Ledger ledger = LedgerOf(SomeCallees(3), Settings(5, 0.6));
  EXPECT_THAT(StoreLedger(ledger, path), IsOk());
  EXPECT_THAT(StoreLedger(ledger, path), IsOk());
  EXPECT_EQ(ExitCodeOf(StoreLedger(LedgerOf(SomeCallees(3), Settings(6, 0.6)), path)), kUsage);
  std::remove(path.c_str());
}

TEST(ConversationsTest, EveryEndingOfTheSampleScriptIsFound) {
  Conversations conversations(SampleScript());
  std::set<Conversations::Ending> endings;
  for (const pb::TriageRule& rule : conversations.script().rules()) {
    if (rule.has_need() && rule.need().urgency() != com::URGENCY_EMERGENCY) {
      endings.insert({{pb::FINDING_KIND_NEED, rule.need().need()}});
    } else if (rule.has_weekly_call()) {
      endings.insert({{pb::FINDING_KIND_WEEKLY_CALL, com::NEED_UNSPECIFIED}});
    } else if (rule.has_all_well()) {
      endings.insert({{pb::FINDING_KIND_ALL_WELL, com::NEED_UNSPECIFIED}});
    }
  }
  EXPECT_GE(endings.size(), 3u);
  for (const auto& ending : endings) {
    EXPECT_TRUE(conversations.Has(ending))
        << pb::FindingKind_Name(ending[0].first) << " " << com::Need_Name(ending[0].second);
  }
}

registry::v1::Household Somebody(int year, int month, int day) {
  registry::v1::Household household;
  household.set_household_id("some-id");
  household.set_client_reference("L1");
  household.set_state(registry::v1::RESIDENCY_STATE_PRESENT);
  household.mutable_dwelling()->set_dwelling_number("D1");
  household.add_phones()->set_verdict(registry::v1::PHONE_VERDICT_POSSIBLE);
  auto* born = household.add_tenants()->mutable_birth_date();
  born->set_year(year);
  born->set_month(month);
  born->set_day(day);
  return household;
}

pb::CohortRule Seventy(int year, int month, int day) {
  pb::CohortRule rule;
  rule.set_minimum_age(70);
  rule.mutable_reference_date()->set_year(year);
  rule.mutable_reference_date()->set_month(month);
  rule.mutable_reference_date()->set_day(day);
  return rule;
}

TEST(CalleesTest, AreOldEnoughOnTheReferenceDate) {
  Callee callee;
  EXPECT_TRUE(IsCalled(Somebody(1950, 3, 17), Seventy(2020, 3, 17), &callee));
  EXPECT_THAT(callee.subjects, ElementsAre(1));
  EXPECT_FALSE(IsCalled(Somebody(1950, 3, 18), Seventy(2020, 3, 17), &callee));
  EXPECT_FALSE(IsCalled(Somebody(1948, 2, 29), Seventy(2018, 2, 28), &callee));
  EXPECT_TRUE(IsCalled(Somebody(1948, 2, 29), Seventy(2018, 3, 1), &callee));
}

TEST(CalleesTest, CanBeCalledAndDoNotObject) {
  Callee callee;
  const pb::CohortRule rule = Seventy(2020, 3, 17);
  registry::v1::Household household = Somebody(1940, 1, 1);
  household.set_objection(true);
  EXPECT_FALSE(IsCalled(household, rule, &callee));
  household = Somebody(1940, 1, 1);
  household.mutable_tenants(0)->set_objection(true);
  EXPECT_FALSE(IsCalled(household, rule, &callee));
  household = Somebody(1940, 1, 1);
  household.mutable_phones(0)->set_verdict(registry::v1::PHONE_VERDICT_INVALID);
  EXPECT_FALSE(IsCalled(household, rule, &callee));
  household = Somebody(1940, 1, 1);
  household.set_state(registry::v1::RESIDENCY_STATE_LEFT);
  EXPECT_FALSE(IsCalled(household, rule, &callee));
}

TEST(CalleesTest, TheKeyIsMadeOfTheLandlordsOwnNumbersAndDoesNotShowThem) {
  Callee first;
  Callee second;
  registry::v1::Household household = Somebody(1940, 1, 1);
  ASSERT_TRUE(IsCalled(household, Seventy(2020, 3, 17), &first));
  household.set_household_id("another-id");
  ASSERT_TRUE(IsCalled(household, Seventy(2020, 3, 17), &second));
  EXPECT_EQ(first.key, second.key);
  EXPECT_THAT(first.key, Not(HasSubstr("D1")));
  household.set_client_reference("L2");
  ASSERT_TRUE(IsCalled(household, Seventy(2020, 3, 17), &second));
  EXPECT_NE(first.key, second.key);
}

TEST(PartnerLogTest, CountsWhatCameAndWhatWasAccepted) {
  const std::string path = ::testing::TempDir() + "/partner-log";
  std::ofstream(path) << R"({"event":"received","referral_id":"a"})"
                         "\n"
                         R"({"event":"received","referral_id":"a"})"
                         "\n"
                         R"({"event":"accepted","referral_id":"a"})"
                         "\n"
                         R"({"event":"closed","referral_id":"a"})"
                         "\n"
                         R"({"event":"accep)";
  PartnerLogs logs;
  ASSERT_THAT(AddPartnerLog(path, logs), IsOk());
  EXPECT_THAT(logs.received, ElementsAre(Pair("a", 2)));
  EXPECT_THAT(logs.accepted, ElementsAre(Pair("a", 1)));
  std::ofstream(path) << "nonsense\n";
  EXPECT_EQ(ExitCodeOf(AddPartnerLog(path, logs)), kUsage);
  std::remove(path.c_str());
  EXPECT_THAT(AddPartnerLog(path, logs), IsOk());
}

// One need in a commune that a partner covers, and its referral.
class ReferralAuditTest : public ::testing::Test {
 protected:
  ReferralAuditTest() {
    referral::v1::Partner& partner = partners_.emplace_back();
    partner.set_partner_id("partner");
    partner.set_name("CCAS");
    partner.set_state(referral::v1::PARTNER_STATE_ACTIVE);
    referral_.set_referral_id("referral");
    referral_.set_campaign_id("campaign");
    referral_.set_finding_id("finding");
    referral_.set_household_id("household");
    referral_.set_tenant_id("tenant");
    referral_.set_need(com::NEED_MEALS);
    referral_.set_state(com::REFERRAL_STATE_ACCEPTED);
    referral::v1::Assignment& given = *referral_.add_assignments();
    given.set_partner_id("partner");
    given.set_state(referral::v1::ASSIGNMENT_STATE_OPEN);
    logs_.received["referral"] = 2;
    logs_.accepted["referral"] = 1;
  }

  std::vector<std::string> Differences() {
    const CoverageMap coverage(partners_);
    const std::vector<referral::v1::Referral> referrals = {referral_};
    std::vector<std::string> differences;
    ReferralAudit("campaign", referrals, logs_, coverage).Look({need_}, differences);
    return differences;
  }

  std::vector<referral::v1::Partner> partners_;
  referral::v1::Referral referral_;
  PartnerLogs logs_;
  SharedNeed need_ = {.finding_id = "finding",
                      .household_id = "household",
                      .tenant_id = "tenant",
                      .need = com::NEED_MEALS,
                      .covered = true};
};

TEST_F(ReferralAuditTest, ANeedThatWasAcceptedOnceHasArrived) {
  EXPECT_THAT(Differences(), ElementsAre());
}

TEST_F(ReferralAuditTest, TellsWhereANeedWaits) {
  referral_.set_state(com::REFERRAL_STATE_REQUESTED);
  EXPECT_THAT(Differences(), ElementsAre(HasSubstr("waits for the machine of CCAS")));
  referral_.set_state(com::REFERRAL_STATE_RECEIVED);
  EXPECT_THAT(Differences(), ElementsAre(HasSubstr("waits for somebody at CCAS")));
  referral_.clear_assignments();
  EXPECT_THAT(Differences(), ElementsAre(HasSubstr("nobody has it")));
  referral_.set_finding_id("another");
  EXPECT_THAT(Differences(), ElementsAre(HasSubstr("on its way to the referral service"),
                                         HasSubstr("not in the ledger")));
  need_.finding_id.clear();
  EXPECT_THAT(Differences(),
              ElementsAre(HasSubstr("not recorded yet"), HasSubstr("not in the ledger")));
}

TEST_F(ReferralAuditTest, TheServicesWordAloneIsNotEnough) {
  logs_.accepted.clear();
  EXPECT_THAT(Differences(), ElementsAre(HasSubstr("no partner's log says so")));
  logs_.accepted["referral"] = 2;
  EXPECT_THAT(Differences(), ElementsAre(HasSubstr("was accepted 2 times")));
  logs_.accepted["referral"] = 1;
  logs_.received.clear();
  EXPECT_THAT(Differences(), ElementsAre(HasSubstr("no partner's log says that it came")));
}

TEST_F(ReferralAuditTest, NothingIsAcceptedThatShouldNotBe) {
  need_.covered = false;
  EXPECT_THAT(Differences(), ElementsAre(HasSubstr("though no partner covers it")));
  need_.covered = true;
  logs_.accepted["stranger"] = 1;
  EXPECT_THAT(Differences(), ElementsAre(HasSubstr("no referral of the landlord")));
  logs_.accepted.erase("stranger");
  referral_.set_tenant_id("somebody");
  EXPECT_THAT(Differences(), ElementsAre(HasSubstr("about somebody else")));
}

}  // namespace
}  // namespace veille::veillectl
