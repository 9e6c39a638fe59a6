// The commands of a coordinator who runs a campaign: scripts, volunteers, campaigns, reports; and
// the way of somebody who has nothing but the help.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

#include "absl/strings/str_cat.h"
#include "common/ids/uuid.h"
#include "e2e/command.h"
#include "e2e/programme.h"

namespace veille::e2e {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;

std::string NewId() { return ids::Uuid::Random().ToString(); }

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

TEST(CampaignHelpTest, EachCommandHasAnExampleAndSaysWhatIsNext) {
  const std::vector<Arguments> commands = {{"campaign", "create"},   {"campaign", "open"},
                                           {"campaign", "pause"},    {"campaign", "resume"},
                                           {"campaign", "get"},      {"campaign", "list"},
                                           {"campaign", "report"},   {"campaign", "watch"},
                                           {"campaign", "left-out"}, {"script", "publish"},
                                           {"script", "list"},       {"script", "show"},
                                           {"script", "test"},       {"volunteer", "enrol"},
                                           {"volunteer", "list"},    {"volunteer", "update"},
                                           {"volunteer", "absence"}, {"decision", "list"},
                                           {"decision", "decide"},   {"explain"}};
  for (Arguments command : commands) {
    const std::string name = absl::StrCat("veillectl ", command[0],
                                          command.size() > 1 ? " " + command[1] : std::string());
    command.emplace_back("--help");
    const Result help = Veillectl(command);
    EXPECT_EQ(help.code, 0) << name;
    const size_t usage = help.output.find("Next:");
    EXPECT_THAT(help.output, HasSubstr(name + " ")) << name;  // an example
    EXPECT_NE(usage, std::string::npos) << name;
  }
}

class VeillectlCampaignTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { programme_ = std::make_unique<Programme>(); }
  static void TearDownTestSuite() { programme_.reset(); }

  VeillectlCampaignTest() {
    landlord_ = AskJson({"landlord", "create", "--name", NewId()})["landlord"]["landlord_id"];
  }
  ~VeillectlCampaignTest() override {
    for (const std::string& file : files_) std::filesystem::remove(file);
  }

  Result Ask(Arguments arguments) {
    return Veillectl(*programme_, landlord_, std::move(arguments));
  }
  json AskJson(Arguments arguments) {
    arguments.emplace_back("--json");
    const Result result = Ask(std::move(arguments));
    EXPECT_EQ(result.code, 0) << result.output;
    return result.code == 0 ? json::parse(result.output) : json::object();
  }
  std::string Path() {
    files_.push_back(absl::StrCat(::testing::TempDir(), "/", NewId()));
    return files_.back();
  }
  std::string File(const std::string& content) {
    const std::string path = Path();
    std::ofstream(path) << content;
    return path;
  }

  void ImportSample() {
    AskJson({"import", SamplePath("small-register.csv"), "--reference-date", "2020-03-17"});
  }
  std::string Publish() {
    return AskJson({"script", "publish", SamplePath("script.json")})["script"]["script_id"];
  }
  // A campaign in DRAFT over the sample's script.
  std::string Create() {
    Publish();
    return AskJson({"campaign", "create", SamplePath("campaign.json")})["campaign"]["campaign_id"];
  }

  // A running campaign over the sample's two households, who can be called at any hour.
  std::string Open() {
    ImportSample();
    AskJson({"volunteer", "enrol", SamplePath("volunteer.json")});
    const std::string campaign = Create();
    EXPECT_EQ(Ask({"campaign", "open", campaign}).code, 0);
    return campaign;
  }
  // Whom camille is to call now.
  json Lease(const std::string& campaign) {
    return AskJson({"call", "lease", campaign, "--subject", "camille"})["call_sheet"];
  }
  Result Record(const json& sheet, const json& record) {
    return Ask({"call", "record", File(record.dump()), "--campaign", sheet["lease"]["campaign_id"],
                "--lease", sheet["lease"]["lease_id"], "--fence", sheet["lease"]["fence"],
                "--subject", "camille"});
  }
  // The first tenant is well, asks for groceries, and is not asked whether that may be shared.
  static json AskingForGroceries(const json& sheet) {
    const std::string tenant = sheet["contact"]["tenants"][0]["tenant_id"];
    return {{"disposition", "DISPOSITION_COMPLETED"},
            {"answers",
             {{{"tenant_id", tenant}, {"question_id", "morale"}, {"choice_id", "well"}},
              {{"tenant_id", tenant}, {"question_id", "request"}, {"choice_id", "groceries"}}}}};
  }

  static std::unique_ptr<Programme> programme_;
  std::string landlord_;

 private:
  std::vector<std::string> files_;
};

std::unique_ptr<Programme> VeillectlCampaignTest::programme_;

TEST_F(VeillectlCampaignTest, ScriptsAreTestedPublishedListedShown) {
  const size_t cases = json::parse(ReadFile(SamplePath("script-cases.json")))["cases"].size();
  const Arguments test = {"script", "test", SamplePath("script.json"), "--cases",
                          SamplePath("script-cases.json")};
  const Result passed = Ask(test);
  EXPECT_EQ(passed.code, 0) << passed.output;
  EXPECT_THAT(passed.output, AllOf(HasSubstr(absl::StrCat(cases, " of ", cases, " cases passed")),
                                   HasSubstr("meals priority by no_meals_soon: Il ne lui reste"),
                                   Not(HasSubstr("FAILED"))));

  const std::string script = Publish();
  EXPECT_EQ(AskJson({"script", "publish", SamplePath("script.json"), "--script",
                     script})["script"]["version"],
            2);
  EXPECT_THAT(Ask({"script", "list"}).output, AllOf(HasSubstr(script), HasSubstr("2 ")));
  const Result shown = Ask({"script", "show", script, "--language", "en"});
  EXPECT_THAT(
      shown.output,
      AllOf(HasSubstr("meals: Do you have enough to eat for the next few days? [yes or no]"),
            HasSubstr("asked if meals is no"), HasSubstr("(asks for groceries)"),
            HasSubstr("meals is no and days_left is 1 or less")));
  EXPECT_EQ(AskJson({"script", "show", script, "--script-version", "1"})["script"]["version"], 1);

  const std::string wrong = File(
      R"({"cases": [{"name": "hungry", "answers": [{"question_id": "meals", "boolean": false}]}]})");
  const Result failed = Ask({"script", "test", "--script", script, "--cases", wrong});
  EXPECT_EQ(failed.code, 1);
  EXPECT_THAT(failed.output, AllOf(HasSubstr("FAILED  hungry"), HasSubstr("1 of 1 cases failed"),
                                   HasSubstr("found but not expected: NEED MEALS ROUTINE")));
  EXPECT_EQ(Ask({"script", "test", "--cases", wrong}).code, 2);
}

TEST_F(VeillectlCampaignTest, NonsenseInAScriptIsToldWithItsPlace) {
  json script = json::parse(ReadFile(SamplePath("script.json")));
  script["rules"][0]["condition"]["answer"]["question_id"] = "nowhere";
  const Result refused = Ask({"script", "publish", File(script.dump())});
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.output,
              AllOf(HasSubstr("SCRIPT_INVALID"),
                    HasSubstr("script.rules[0].condition.answer.question_id: is no question")));
}

TEST_F(VeillectlCampaignTest, VolunteersComeFromFilesOneOrMany) {
  const std::string table = File(
      "subject;display_name;languages\ncamille;Camille;fr,en\n"
      "sacha;\"Sacha\";fr\n\n");
  const Result enrolled = Ask({"volunteer", "enrol", table});
  EXPECT_EQ(enrolled.code, 0) << enrolled.output;
  EXPECT_THAT(enrolled.output, HasSubstr("2 enrolled"));
  const std::string array = File(R"([{"subject": "sacha", "display_name": "Sacha"},
                                     {"subject": "noa", "display_name": "Noa"}])");
  EXPECT_THAT(Ask({"volunteer", "enrol", array}).output,
              HasSubstr("1 enrolled, 1 enrolled before: sacha"));
  const json listed = AskJson({"volunteer", "list"})["volunteers"];
  ASSERT_EQ(listed.size(), 3u);
  EXPECT_EQ(listed[0]["languages"], json({"fr", "en"}));

  const std::string id = listed[1]["volunteer_id"];
  EXPECT_EQ(AskJson({"volunteer", "update", id, "--state", "left"})["volunteer"]["state"],
            "VOLUNTEER_STATE_LEFT");
  EXPECT_THAT(
      Ask({"volunteer", "absence", id, "--from", "2020-04-06", "--until", "2020-04-13"}).output,
      HasSubstr("2020-04-06 00:00 to 2020-04-13 00:00"));
  EXPECT_TRUE(AskJson({"volunteer", "absence", id, "--none"})["volunteer"]["absence"].is_null());

  EXPECT_EQ(Ask({"volunteer", "update", id}).code, 2);
  EXPECT_EQ(Ask({"volunteer", "absence", id, "--from", "2020-04-06"}).code, 2);
  EXPECT_EQ(Ask({"volunteer", "absence", id}).code, 2);
  const Result short_line = Ask({"volunteer", "enrol", File("subject;display_name\nnobody\n")});
  EXPECT_EQ(short_line.code, 2);
  EXPECT_THAT(short_line.output, HasSubstr("line 2: 1 cells"));
  const Result column = Ask({"volunteer", "enrol", File("subject;nom\nx;y\n")});
  EXPECT_THAT(column.output, HasSubstr("'nom'"));
  const Result entry = Ask({"volunteer", "enrol", File(R"([{"subjekt": "x"}])")});
  EXPECT_EQ(entry.code, 2);
  EXPECT_THAT(entry.output, HasSubstr("- subjekt: is no field"));
}

TEST_F(VeillectlCampaignTest, CampaignsAreMadeByOptionsOrFromAFile) {
  const Arguments by_options = {"campaign",
                                "create",
                                "--title",
                                "Spring",
                                "--purpose",
                                "To know who needs help",
                                "--minimum-age",
                                "70",
                                "--reference-date",
                                "2020-03-17",
                                "--call-hours",
                                "mon-fri 09:00-12:00",
                                "--call-hours",
                                "sat 10:00-11:00",
                                "--retry",
                                "no-answer:4h:5:next-phone",
                                "--weekly-interval",
                                "14",
                                "--weekly-grace",
                                "3h",
                                "--emergency-deadline",
                                "10m",
                                "--routine-deadline",
                                "3",
                                "--commune",
                                "31555",
                                "--start",
                                "2020-03-20",
                                "--end",
                                "2020-05-11"};
  const Result without_script = Ask(by_options);
  EXPECT_EQ(without_script.code, 2);
  EXPECT_THAT(without_script.output, HasSubstr("veillectl script publish"));
  const std::string script = Publish();
  const json made = AskJson(by_options)["campaign"];
  EXPECT_EQ(made["script_id"], script);
  EXPECT_EQ(made["call_hours"].size(), 6u);
  EXPECT_EQ(made["retry_rules"][0]["delay"], "14400s");
  EXPECT_EQ(made["weekly_cadence"]["interval_days"], 14);
  EXPECT_EQ(made["weekly_cadence"]["grace"], "10800s");
  EXPECT_EQ(made["cohort_rule"]["commune_codes"], json({"31555"}));
  EXPECT_THAT(Ask({"campaign", "get", made["campaign_id"]}).output,
              AllOf(HasSubstr("70 or older on 2020-03-17, in 31555"), HasSubstr("mon 09:00-12:00"),
                    HasSubstr("every 14 days, kept for 3h"),
                    HasSubstr("an emergency within 10m, priority within 4h of working time, "
                              "routine within 3 working days")));

  const json from_file =
      AskJson({"campaign", "create", SamplePath("campaign.json"), "--minimum-age", "80"});
  EXPECT_EQ(from_file["campaign"]["cohort_rule"]["minimum_age"], 80);
  EXPECT_FALSE(from_file["campaign"].contains("acknowledge_deadlines"));
  EXPECT_EQ(AskJson({"campaign", "list"})["campaigns"].size(), 2u);
  EXPECT_EQ(AskJson({"campaign", "list", "--state", "running"})["campaigns"].size(), 0u);

  Publish();
  EXPECT_THAT(Ask({"campaign", "create", SamplePath("campaign.json")}).output,
              HasSubstr("which script?"));
}

TEST_F(VeillectlCampaignTest, WhatIsWrongInAFileIsNamed) {
  Publish();
  const auto create = [this](const std::string& content) {
    return Ask({"campaign", "create", File(content)});
  };
  const Result unknown = create(R"({"title": "x", "cohort_rule": {"minimum_ag": 70}})");
  EXPECT_EQ(unknown.code, 2);
  EXPECT_THAT(unknown.output, HasSubstr("- cohort_rule.minimum_ag: is no field; there are "
                                        "minimum_age, reference_date"));
  const Result names = create(R"({"titel": "x", "call_hours": [{"weekday": "MONDAY"}]})");
  EXPECT_EQ(names.code, 2);
  EXPECT_THAT(names.output,
              AllOf(HasSubstr("- titel: is no field"),
                    HasSubstr("- call_hours[0].weekday: is none of WEEKDAY_MONDAY, ")));
  const Result type = create(R"({"title": "x", "cohort_rule": {"minimum_age": "old"}})");
  EXPECT_EQ(type.code, 2);
  EXPECT_THAT(type.output, HasSubstr("minimum_age"));
  const Result syntax = create("{\n  \"title\": \n}");
  EXPECT_EQ(syntax.code, 2);
  EXPECT_THAT(syntax.output, HasSubstr("line 3, column 1"));
  const Result fields = create(R"({"title": "", "call_hours": [{"weekday": "WEEKDAY_MONDAY"}]})");
  EXPECT_EQ(fields.code, 1);
  EXPECT_THAT(fields.output,
              AllOf(HasSubstr("- campaign.title: "), HasSubstr("- campaign.cohort_rule: "),
                    HasSubstr("- campaign.call_hours[0].end_minute: ")));
  for (const Arguments& wrong : {Arguments{"--call-hours", "noon"},
                                 {"--retry", "asleep:1h:1"},
                                 {"--minimum-age", "old"},
                                 {"--reference-date", "17/03/2020"},
                                 {"--weekly-grace", "some"},
                                 {"--priority-deadline", "soon"},
                                 {"--start", "soon"}}) {
    Arguments arguments = {"campaign", "create", SamplePath("campaign.json")};
    arguments.insert(arguments.end(), wrong.begin(), wrong.end());
    const Result result = Ask(arguments);
    EXPECT_EQ(result.code, 2) << wrong[0];
    EXPECT_THAT(result.output, HasSubstr(wrong[0] == "--start" ? "no time" : "")) << wrong[0];
  }
}

TEST_F(VeillectlCampaignTest, WhoIsLeftOutIsAListToActOn) {
  ImportSample();
  const std::string campaign = Create();
  ASSERT_EQ(Ask({"campaign", "open", campaign}).code, 0);
  const Result listed = Ask({"campaign", "left-out", campaign});
  EXPECT_EQ(listed.code, 0) << listed.output;
  EXPECT_THAT(listed.output,
              AllOf(HasSubstr("1 under age, 1 objection, 1 no valid phone"), HasSubstr("ROUX"),
                    HasSubstr("GARNIER"), Not(HasSubstr("BLANC"))));
  const json only = AskJson({"campaign", "left-out", campaign, "--reason", "under-age"});
  ASSERT_EQ(only["entries"].size(), 1u);
  EXPECT_EQ(only["entries"][0]["reason"], "LEFT_OUT_REASON_UNDER_AGE");

  const std::string path = File("what was there, for all to read");
  ASSERT_EQ(chmod(path.c_str(), 0644), 0);
  const Result written = Ask({"campaign", "left-out", campaign, "--csv", path});
  EXPECT_EQ(written.code, 0) << written.output;
  EXPECT_THAT(written.output, AllOf(HasSubstr("2 entries written"), Not(HasSubstr("ROUX"))));
  struct stat status = {};
  ASSERT_EQ(stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
  EXPECT_THAT(ReadFile(path),
              AllOf(HasSubstr("reason;dwelling_number;"), HasSubstr("no-valid-phone;31000104;"),
                    HasSubstr("ROUX"), Not(HasSubstr("for all to read"))));
  EXPECT_EQ(Ask({"campaign", "left-out", campaign, "--csv", "/does/not/exist"}).code, 2);
  EXPECT_EQ(Ask({"campaign", "left-out", campaign, "--reason", "shy"}).code, 2);
}

TEST_F(VeillectlCampaignTest, ACampaignIsWatchedAcrossARestart) {
  ImportSample();
  const std::string campaign = Create();
  ASSERT_EQ(Ask({"campaign", "open", campaign}).code, 0);
  const Result line = Ask({"campaign", "watch", campaign, "--reports", "1"});
  EXPECT_EQ(line.code, 0) << line.output;
  EXPECT_THAT(line.output, HasSubstr("running: 0 of 2 households called, 0 reached, 0 calls"));

  testing::Subprocess watch(VeillectlCommand(
      *programme_,
      {"campaign", "watch", campaign, "--landlord", landlord_, "--json", "--reports", "3"}));
  ASSERT_TRUE(watch.WaitForLine("{", absl::Seconds(20)).has_value());
  EXPECT_EQ(programme_->Stop(Service::kCalls), 0);  // the watch does not hold the drain up
  programme_->Restart(Service::kCalls);
  ASSERT_TRUE(watch.WaitForLine("{", absl::Seconds(20)).has_value());
  ASSERT_EQ(Ask({"campaign", "pause", campaign}).code, 0);
  const auto paused = watch.WaitForLine("{", absl::Seconds(20));
  ASSERT_TRUE(paused.has_value());
  EXPECT_EQ(json::parse("{" + *paused)["state"], "CAMPAIGN_STATE_PAUSED");
  EXPECT_EQ(watch.Wait(absl::Seconds(20)), 0);
  EXPECT_EQ(Ask({"campaign", "watch", NewId()}).code, 1);
}

TEST_F(VeillectlCampaignTest, WhoWaitsForADecisionIsListedAndDecided) {
  const std::string campaign = Open();
  const Arguments list = {"decision", "list", campaign};
  EXPECT_THAT(Ask(list).output, HasSubstr("No household waits for a decision."));
  const json asking = Lease(campaign);
  ASSERT_EQ(Record(asking, AskingForGroceries(asking)).code, 0);
  const json urgent = Lease(campaign);
  ASSERT_EQ(Record(urgent, {{"disposition", "DISPOSITION_EMERGENCY_TRANSFERRED"}}).code, 0);

  EXPECT_THAT(Ask({"campaign", "report", campaign}).output,
              HasSubstr("Next: veillectl decision list " + campaign));
  const Result listed = Ask(list);
  EXPECT_EQ(listed.code, 0) << listed.output;
  const std::string household = asking["lease"]["household_id"];
  EXPECT_THAT(
      listed.output,
      AllOf(ContainsRegex(household + " +not-agreed +need groceries [a-z]+ +needs-decision"),
            HasSubstr("emergency"), HasSubstr("how a call ended"),
            HasSubstr("Next: veillectl decision decide " + campaign)));
  const json first = AskJson({"decision", "list", campaign, "--limit", "1"});
  ASSERT_EQ(first["decisions"].size(), 1u);
  EXPECT_EQ(first["decisions"][0]["household_id"], urgent["lease"]["household_id"]);
  const json rest = AskJson({"decision", "list", campaign, "--after", first["next_page_token"]});
  ASSERT_EQ(rest["decisions"].size(), 1u);
  EXPECT_EQ(rest["decisions"][0]["household_id"], household);

  const auto decide = [&](const std::string& etag, const std::string& request) {
    return Ask({"decision", "decide", campaign, household, "--etag", etag, "--note-file",
                File("Her daughter shops for her.\n"), "--request-id", request});
  };
  EXPECT_THAT(decide(first["decisions"][0]["etag"], NewId()).output, HasSubstr("ETAG_MISMATCH"));
  const std::string request = NewId();
  for (int i = 0; i < 2; ++i) {  // said twice, it is done once
    const Result decided = decide(rest["decisions"][0]["etag"], request);
    EXPECT_EQ(decided.code, 0) << decided.output;
    EXPECT_THAT(decided.output, HasSubstr("Decided: the household is now done"));
  }
  EXPECT_THAT(Ask(list).output, AllOf(HasSubstr("emergency"), Not(HasSubstr(household))));
  EXPECT_EQ(Ask({"decision", "decide", campaign, household, "--etag", "seen"}).code, 2);
  EXPECT_EQ(Ask({"decision", "list", NewId()}).code, 1);
}

// As the help says it, from a register to a report.
TEST_F(VeillectlCampaignTest, SomebodyWithNothingButTheHelpRunsACampaign) {
  EXPECT_EQ(Ask({"import", SamplePath("small-register.csv"), "--complete"}).code, 0);
  EXPECT_EQ(
      Ask({"script", "test", SamplePath("script.json"), "--cases", SamplePath("script-cases.json")})
          .code,
      0);
  EXPECT_EQ(Ask({"script", "publish", SamplePath("script.json")}).code, 0);
  EXPECT_EQ(Ask({"volunteer", "enrol", SamplePath("volunteer.json")}).code, 0);
  const Result created =
      Ask({"campaign", "create", "--title", "Spring calls", "--purpose", "To know who needs help",
           "--minimum-age", "70", "--reference-date", "2020-03-17", "--retry", "no-answer:4h:5"});
  EXPECT_EQ(created.code, 0) << created.output;
  const std::string next = "Next: veillectl campaign open ";
  ASSERT_THAT(created.output, HasSubstr(next));
  const std::string campaign = created.output.substr(created.output.find(next) + next.size(), 36);
  EXPECT_THAT(Ask({"campaign", "open", campaign}).output,
              HasSubstr("Next: veillectl campaign left-out " + campaign));

  const json sheet = Lease(campaign);
  const std::string household = sheet["lease"]["household_id"];
  EXPECT_THAT(Ask({"explain", campaign, household}).output,
              AllOf(HasSubstr("leased: "), HasSubstr("by volunteer ")));
  const Result recorded = Record(sheet, AskingForGroceries(sheet));
  EXPECT_EQ(recorded.code, 0) << recorded.output;
  EXPECT_THAT(Ask({"explain", campaign, household}).output,
              AllOf(HasSubstr("awaiting-decision: "), HasSubstr("groceries"),
                    HasSubstr("stated_request"), HasSubstr("not-agreed")));
  const json report = AskJson({"campaign", "report", campaign})["report"];
  EXPECT_EQ(report["reached"], "1");
  EXPECT_EQ(report["needs_found"], "1");
  EXPECT_EQ(report["needs_decision"], "1");
  EXPECT_EQ(report["not_called"], "1");
}

}  // namespace
}  // namespace veille::e2e
