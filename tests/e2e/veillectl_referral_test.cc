// The commands of a coordinator who looks after referrals, and of a partner who works on them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "common/ids/uuid.h"
#include "e2e/command.h"
#include "e2e/programme.h"
#include "e2e/referrals.h"
#include "testing/status_matchers.h"

namespace veille::e2e {
namespace {

namespace com = ::veille::common::v1;
using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::IsOk;
using ::testing::Not;

std::string NewId() { return ids::Uuid::Random().ToString(); }

class VeillectlReferralTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { programme_ = std::make_unique<Programme>(); }
  static void TearDownTestSuite() { programme_.reset(); }
  ~VeillectlReferralTest() override {
    for (const std::string& file : files_) std::filesystem::remove(file);
  }

  Result Ask(Arguments arguments) {
    return Veillectl(*programme_, landlord_, std::move(arguments));
  }
  json AskJson(Arguments arguments) {
    arguments.emplace_back("--json");
    const Result result = Ask(std::move(arguments));
    EXPECT_EQ(result.code, 0) << result.output;
    return json::parse(result.output);
  }
  // As that partner.
  Result AskAs(const std::string& partner, Arguments arguments) {
    arguments.insert(arguments.end(), {"--partner", partner});
    return Ask(std::move(arguments));
  }

  std::string File(const std::string& content) {
    files_.push_back(absl::StrCat(::testing::TempDir(), "/", NewId()));
    std::ofstream(files_.back()) << content;
    return files_.back();
  }

  // Covers MEALS and SAFETY in 31555; told by hand.
  std::string Register(const std::string& name, int capacity = 0) {
    const std::string file = File(json{
        {"name", name},
        {"kind", "PARTNER_KIND_CCAS"},
        {"contact_phone", "+33561000000"},
        {"capacity", capacity},
        {"coverage", {{{"commune_codes", {"31555"}}, {"needs", {"NEED_MEALS", "NEED_SAFETY"}}}}}}
                                      .dump());
    return AskJson({"partner", "register", file})["partner"]["partner_id"];
  }

  std::string CreateIn(const std::string& commune, com::Urgency urgency = com::URGENCY_ROUTINE) {
    const auto created = CreateReferral(*programme_, landlord_, commune, urgency);
    EXPECT_THAT(created, IsOk());
    return created.value_or("");
  }

  std::vector<std::string> List(Arguments filters) {
    Arguments arguments = {"referral", "list"};
    arguments.insert(arguments.end(), filters.begin(), filters.end());
    std::vector<std::string> ids;
    const json listed = AskJson(arguments);
    for (const json& referral : listed["referrals"]) {
      ids.push_back(referral["referral_id"]);
    }
    return ids;
  }

  static Arguments Show(const std::string& referral) {
    return {"referral", "show", referral, "--reason", "a test looks at its own referral"};
  }

  static std::unique_ptr<Programme> programme_;
  const std::string landlord_ = NewId();
  std::vector<std::string> files_;
};

std::unique_ptr<Programme> VeillectlReferralTest::programme_;

TEST_F(VeillectlReferralTest, PartnersAreRegisteredListedInPagesAndShown) {
  EXPECT_THAT(Ask({"partner", "list"}).output, HasSubstr("veillectl partner register"));
  const std::string first = Register("CCAS de Toulouse", 20);
  const std::string second = Register("Voisins solidaires");
  const Result list = Ask({"partner", "list"});
  EXPECT_EQ(list.code, 0);
  EXPECT_THAT(list.output, AllOf(HasSubstr("CCAS de Toulouse"), HasSubstr("no limit")));

  const json page = AskJson({"partner", "list", "--limit", "1"});
  ASSERT_EQ(page["partners"].size(), 1);
  EXPECT_EQ(page["partners"][0]["partner_id"], first);
  const std::string token = page["next_page_token"];
  EXPECT_THAT(Ask({"partner", "list", "--limit", "1"}).output, HasSubstr("--after " + token));
  const json rest = AskJson({"partner", "list", "--limit", "5", "--after", token});
  ASSERT_EQ(rest["partners"].size(), 1);
  EXPECT_EQ(rest["partners"][0]["partner_id"], second);
  EXPECT_EQ(Ask({"partner", "list", "--limit", "0"}).code, 2);

  const Result show = Ask({"partner", "show", first});
  EXPECT_EQ(show.code, 0);
  EXPECT_THAT(show.output, AllOf(HasSubstr("capacity 20"), HasSubstr("meals, safety"),
                                 HasSubstr("by hand, phone +33561000000")));
  const Result unknown = Ask({"partner", "show", NewId()});
  EXPECT_EQ(unknown.code, 1);
  EXPECT_THAT(unknown.output, HasSubstr("PARTNER_NOT_FOUND"));
}

TEST_F(VeillectlReferralTest, CoverageShowsTheGaps) {
  EXPECT_EQ(Ask({"partner", "coverage"}).code, 2);
  Register("CCAS de Toulouse", 1);
  const Arguments both = {"partner", "coverage", "31555",  "31582",
                          "--need",  "meals",    "--need", "housing"};
  const Result gaps = Ask(both);
  EXPECT_EQ(gaps.code, 0);
  EXPECT_THAT(gaps.output, HasSubstr("3 of 4 pairs"));
  EXPECT_THAT(gaps.output, ::testing::ContainsRegex("31555 +- +housing"));
  EXPECT_THAT(gaps.output, ::testing::ContainsRegex("31582 +- +meals, housing"));
  Arguments strict = both;
  strict.emplace_back("--fail-on-gaps");
  EXPECT_EQ(Ask(strict).code, 1);
  const Result covered =
      Ask({"partner", "coverage", "31555", "--need", "safety", "--fail-on-gaps"});
  EXPECT_EQ(covered.code, 0);
  EXPECT_THAT(covered.output, HasSubstr("All 1 pairs"));
  Arguments all = both;
  all.emplace_back("--all");
  EXPECT_THAT(Ask(all).output, ::testing::ContainsRegex("31555 +meals +CCAS de Toulouse"));
  EXPECT_EQ(AskJson(both)["answers"].size(), 4);

  // Its only place is taken: a gap of another kind.
  CreateIn("31555");
  EXPECT_THAT(Ask(both).output, HasSubstr("meals (CCAS de Toulouse)"));
}

TEST_F(VeillectlReferralTest, CoverageOfACampaignCountsItsHouseholds) {
  const json landlord = json::parse(
      Veillectl(*programme_, "", {"landlord", "create", "--name", NewId(), "--json"}).output);
  const auto ask = [&](Arguments arguments) {
    return Veillectl(*programme_, landlord["landlord"]["landlord_id"], std::move(arguments));
  };
  ASSERT_EQ(
      ask({"import", SamplePath("small-register.csv"), "--reference-date", "2020-03-17"}).code, 0);
  const json script =
      json::parse(ask({"script", "publish", SamplePath("script.json"), "--json"}).output);
  const json campaign = json::parse(ask({"campaign", "create", SamplePath("campaign.json"),
                                         "--script", script["script"]["script_id"], "--json"})
                                        .output);
  const std::string id = campaign["campaign"]["campaign_id"];
  const Result gaps = ask({"partner", "coverage", "--campaign", id});
  EXPECT_EQ(gaps.code, 0) << gaps.output;
  EXPECT_THAT(gaps.output, ::testing::ContainsRegex("31555 Toulouse +1 +[a-z]"));
  EXPECT_EQ(ask({"partner", "coverage", "31555", "--campaign", id}).code, 2);
}

TEST_F(VeillectlReferralTest, ReferralsAreListedByWhatTheyAre) {
  const std::string partner = Register("CCAS de Toulouse");
  const std::string first = CreateIn("31555");
  const std::string uncovered = CreateIn("09122");
  const std::string urgent = CreateIn("31555", com::URGENCY_EMERGENCY);
  ASSERT_EQ(AskAs(partner, {"desk", "accept", first}).code, 0);
  using Ids = std::vector<std::string>;
  EXPECT_EQ(List({}), (Ids{urgent, uncovered, first}));
  EXPECT_EQ(List({"--state", "accepted"}), Ids{first});
  EXPECT_EQ(List({"--assigned-to", partner, "--state", "requested"}), Ids{urgent});
  EXPECT_EQ(List({"--commune", "09122"}), Ids{uncovered});
  EXPECT_EQ(List({"--urgency", "emergency"}), Ids{urgent});
  EXPECT_EQ(List({"--campaign", NewId()}), Ids{});
  EXPECT_EQ(List({"--limit", "2"}), (Ids{urgent, uncovered}));
  EXPECT_EQ(Ask({"referral", "list", "--state", "lost"}).code, 2);
  const Result bad = Ask({"referral", "list", "--commune", "Toulouse"});
  EXPECT_EQ(bad.code, 1);
  EXPECT_THAT(bad.output, HasSubstr("commune_codes[0]"));
  const Result table = Ask({"referral", "list"});
  EXPECT_THAT(table.output, AllOf(HasSubstr("CCAS de Toulouse"), HasSubstr("nobody")));

  EXPECT_THAT(Ask({"referral", "show", uncovered}).output, HasSubstr("REASON_REQUIRED"));
  EXPECT_THAT(Ask({"referral", "list", "--as", "dpo"}).output, HasSubstr("REASON_REQUIRED"));
  EXPECT_THAT(Ask(Show(uncovered)).output, HasSubstr("veillectl worklist"));
  const Result show = Ask(Show(urgent));
  EXPECT_THAT(show.output, AllOf(HasSubstr("CCAS de Toulouse"), HasSubstr("by hand"),
                                 Not(HasSubstr("Personne"))));
}

TEST_F(VeillectlReferralTest, TheWorklistSaysWhatMayBeDecidedAndRefusesTheRest) {
  EXPECT_THAT(Ask({"worklist", "list"}).output, HasSubstr("Nothing waits"));
  const std::string referral = CreateIn("31555");
  const json items = AskJson({"worklist", "list"})["items"];
  ASSERT_EQ(items.size(), 1);
  const std::string item = items[0]["worklist_item_id"];
  EXPECT_THAT(Ask({"worklist", "list"}).output,
              AllOf(HasSubstr("no-partner"), HasSubstr("assign, retry, cancel\n")));

  const Result seen = Ask({"worklist", "decide", item, "seen"});
  EXPECT_EQ(seen.code, 1);
  EXPECT_THAT(seen.output, AllOf(HasSubstr("REFERRAL_UNASSIGNED"), HasSubstr("assign it")));
  EXPECT_EQ(Ask({"worklist", "decide", item, "assign"}).code, 2);
  EXPECT_EQ(Ask({"worklist", "decide", item, "cancel"}).code, 2);
  EXPECT_EQ(Ask({"worklist", "decide", item, "forget"}).code, 2);
  const Result nobody = Ask({"worklist", "decide", item, "retry"});
  EXPECT_EQ(nobody.code, 0);
  EXPECT_THAT(nobody.output, HasSubstr("stands on the worklist again"));

  const std::string partner = Register("CCAS de Toulouse");
  const std::string again = AskJson({"worklist", "list"})["items"][0]["worklist_item_id"];
  const Result retried = Ask({"worklist", "decide", again, "retry"});
  EXPECT_EQ(retried.code, 0);
  EXPECT_THAT(retried.output, HasSubstr("CCAS de Toulouse has it"));
  // It is told by hand; now it was told, and has said nothing yet.
  const std::string by_hand = AskJson({"worklist", "list"})["items"][0]["worklist_item_id"];
  EXPECT_EQ(Ask({"worklist", "decide", by_hand, "seen"}).code, 0);
  EXPECT_EQ(AskJson({"worklist", "list", "--all"})["items"].size(), 3);
  EXPECT_EQ(Ask({"worklist", "decide", by_hand, "seen"}).code, 1);
}

TEST_F(VeillectlReferralTest, APartnerWorksAtItsDesk) {
  const std::string partner = Register("CCAS de Toulouse");
  const std::string helped = CreateIn("31555");
  const std::string declined = CreateIn("31555");
  EXPECT_THAT(AskAs(partner, {"desk", "list", "--state", "requested", "--limit", "1"}).output,
              AllOf(HasSubstr(declined), HasSubstr("--after")));
  EXPECT_THAT(AskAs(partner, {"desk", "show", helped}).output, HasSubstr("Personne"));
  EXPECT_EQ(AskAs(partner, {"desk", "start", helped}).code, 1);  // not accepted yet
  EXPECT_EQ(AskAs(partner, {"desk", "accept", helped}).code, 0);
  EXPECT_EQ(AskAs(partner, {"desk", "start", helped}).code, 0);
  EXPECT_EQ(AskAs(partner, {"desk", "close", helped, "--outcome", "could-not-help"}).code, 1);
  EXPECT_EQ(AskAs(partner, {"desk", "close", helped, "--outcome", "could-not-help", "--note-file",
                            File("Hors de notre compétence.")})
                .code,
            0);
  EXPECT_EQ(AskAs(partner, {"desk", "decline", declined}).code, 2);
  EXPECT_EQ(AskAs(partner, {"desk", "decline", declined, "--reason", "other"}).code, 1);
  EXPECT_EQ(AskAs(partner, {"desk", "decline", declined, "--reason", "no-capacity"}).code, 0);
  EXPECT_THAT(Ask(Show(declined)).output, HasSubstr("declined, no-capacity"));
  const json items = AskJson({"worklist", "list"})["items"];
  EXPECT_EQ(items.size(), 2);  // one not helped, one declined; nobody is to be telephoned
}

TEST_F(VeillectlReferralTest, APartnerWithoutSoftwareAnswersByTelephone) {
  const std::string partner = Register("CCAS de Toulouse");
  const std::string referral = CreateIn("31555", com::URGENCY_PRIORITY);
  const auto record = [&](Arguments answer) {
    Arguments arguments = {"referral", "record-answer", referral, "--fence", "1"};
    arguments.insert(arguments.end(), answer.begin(), answer.end());
    return Ask(std::move(arguments));
  };
  // Whom to call, about what, until when, and how to go on.
  EXPECT_THAT(
      Ask({"worklist", "list"}).output,
      AllOf(HasSubstr("telephone-partner"),
            HasSubstr("+33561000000  CCAS de Toulouse: meals, priority, in 31555, to accept until"),
            HasSubstr("veillectl referral record-answer " + referral + " --fence 1 ANSWER"),
            Not(HasSubstr("not reached"))));
  EXPECT_THAT(Ask(Show(referral)).output, HasSubstr("whom to telephone"));

  EXPECT_EQ(record({"not-reached"}).code, 0);
  EXPECT_EQ(record({"not-reached"}).code, 0);
  EXPECT_THAT(Ask({"worklist", "list"}).output, HasSubstr("not reached 2 times, last at 20"));

  const std::string who = File("Mme B., accueil\n");
  EXPECT_EQ(record({"accepted"}).code, 2);  // who said so?
  EXPECT_EQ(record({"perhaps", "--who-file", who}).code, 2);
  EXPECT_EQ(record({"accepted", "--who-file", "-", "--note-file", "-"}).code, 2);
  EXPECT_EQ(Ask({"referral", "record-answer", referral, "accepted", "--who-file", who}).code, 2);
  const Result past = record({"accepted", "--who-file", who, "--time", "2020-03-17"});
  EXPECT_EQ(past.code, 1);
  EXPECT_THAT(past.output, HasSubstr("answer_time"));
  const Result accepted = record({"accepted", "--who-file", who});
  EXPECT_EQ(accepted.code, 0) << accepted.output;
  EXPECT_THAT(accepted.output, HasSubstr("accepted, said Mme B., accueil (recorded by"));
  EXPECT_THAT(Ask({"worklist", "list"}).output, HasSubstr("Nothing waits"));
  const Result twice = record({"accepted", "--who-file", who});
  EXPECT_EQ(twice.code, 1);
  EXPECT_THAT(twice.output, HasSubstr("ILLEGAL_TRANSITION"));

  EXPECT_EQ(record({"closed", "--who-file", who}).code, 1);  // with which outcome?
  EXPECT_EQ(record({"closed", "--outcome", "helped", "--who-file", who, "--note-file",
                    File("Repas livrés.")})
                .code,
            0);
  EXPECT_THAT(Ask(Show(referral)).output,
              AllOf(HasSubstr("completed, helped"), HasSubstr("not-reached (recorded by"),
                    HasSubstr("Repas livrés.")));
  EXPECT_EQ(List({"--state", "completed"}), std::vector<std::string>{referral});
}

TEST_F(VeillectlReferralTest, AStatementOfWhatWasToldIsPrinted) {
  const std::string partner = Register("CCAS de Toulouse");
  const std::string referral = CreateIn("31555");
  const std::string tenant = AskJson(Show(referral))["referral"]["tenant_id"];
  const auto state = [&](Arguments more) {
    Arguments arguments = {"referral", "statement", tenant};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return Ask(std::move(arguments));
  };
  const Arguments reason = {"--reason", "the person asks what was passed on"};
  EXPECT_THAT(state({}).output, HasSubstr("REASON_REQUIRED"));
  EXPECT_THAT(state(reason).output,
              AllOf(HasSubstr("need of meals (referral " + referral + ")"),
                    HasSubstr("the person agreed"), HasSubstr("No partner was told anything.")));

  ASSERT_EQ(AskAs(partner, {"desk", "show", referral}).code, 0);
  ASSERT_EQ(AskAs(partner, {"desk", "show", referral}).code, 0);
  const Result told = state(reason);
  EXPECT_EQ(told.code, 0);
  EXPECT_THAT(told.output,
              AllOf(HasSubstr("CCAS de Toulouse read the case"), HasSubstr(", 2 times"),
                    HasSubstr("    family name: Personne\n"), HasSubstr("    urgency: routine\n"),
                    Not(HasSubstr("INCOMPLETE"))));
  const json cases = json::parse(state({reason[0], reason[1], "--json"}).output)["cases"];
  ASSERT_EQ(cases.size(), 1);
  EXPECT_EQ(cases[0]["disclosures"][0]["partner_id"], partner);

  ASSERT_EQ(Ask({"referral", "record-answer", referral, "--fence", "1", "accepted", "--who-file",
                 File("Mme B.")})
                .code,
            0);
  EXPECT_THAT(state(reason).output, HasSubstr("was spoken with on the telephone"));
  const Result nobody = Ask({"referral", "statement", NewId(), reason[0], reason[1]});
  EXPECT_EQ(nobody.code, 1);
  EXPECT_THAT(nobody.output, HasSubstr("REFERRAL_NOT_FOUND"));
}

TEST_F(VeillectlReferralTest, HelpTeachesWhatMayBeDecided) {
  EXPECT_THAT(Veillectl({"worklist", "list", "--help"}).output,
              AllOf(HasSubstr("not-acknowledged"), HasSubstr("MAY BE")));
  EXPECT_THAT(Veillectl({"worklist", "decide", "--help"}).output, HasSubstr("exit code 1"));
  EXPECT_THAT(Veillectl({"referral", "record-answer", "--help"}).output,
              AllOf(HasSubstr("not-reached"), HasSubstr("ASSIGNMENT_SUPERSEDED")));
  EXPECT_THAT(Veillectl({"partner", "coverage", "--help"}).output, HasSubstr("--fail-on-gaps"));
  EXPECT_THAT(Veillectl({"partner-inbox", "--help"}).output,
              AllOf(HasSubstr("--silent"), HasSubstr("--decline"), HasSubstr("--log")));
  EXPECT_EQ(Veillectl({"partner-inbox", "--accept", "--silent", "--landlord", NewId()}).code, 2);
}

// From a token on: the same history each time.
TEST_F(VeillectlReferralTest, ChangesAreFollowedAndResumed) {
  Register("CCAS de Toulouse");
  const std::string first = CreateIn("31555");
  const std::string second = CreateIn("31555", com::URGENCY_EMERGENCY);
  const std::string beginning = absl::StrCat("0.", ids::Uuid().ToString(), ".0");
  const Result told = Ask({"referral", "watch", "--resume", beginning, "--most", "2"});
  EXPECT_EQ(told.code, 0) << told.output;
  EXPECT_THAT(told.output, AllOf(HasSubstr(first), HasSubstr(second), HasSubstr("emergency"),
                                 HasSubstr("CCAS de Toulouse"), HasSubstr("--resume ")));
  const json one = AskJson({"referral", "watch", "--resume", beginning, "--most", "1"});
  EXPECT_EQ(one["changes"][0]["referral_id"], first);
  EXPECT_EQ(Ask({"referral", "watch", "--resume", "nonsense"}).code, 1);
}

}  // namespace
}  // namespace veille::e2e
