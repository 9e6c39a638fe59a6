// What a coordinator asks the register from the command line.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "e2e/import_fixture.h"
#include "testing/subprocess.h"

namespace veille::e2e {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class HouseholdCommandsTest : public ImportFixture {
 protected:
  void SetUp() override {
    ImportFixture::SetUp();
    const std::string file =
        folder_.Write("register.csv", TestFolder::Read(SamplePath("small-register.csv")));
    ASSERT_EQ(Import(file).code, 0);
  }

  Result Ask(const Arguments& arguments) const {
    return Veillectl(*programme_, landlord_, arguments);
  }
  json AskJson(Arguments arguments) const {
    arguments.emplace_back("--json");
    const Result result = Ask(arguments);
    EXPECT_EQ(result.code, 0) << result.output;
    return result.code == 0 ? json::parse(result.output) : json();
  }
  static Arguments Get(const std::string& id) {
    return {"household", "get", id, "--reason", "a test looks at its own household"};
  }
  static Arguments List(const Arguments& filters) {
    Arguments arguments = {"household", "list", "--reason", "a test looks at its own register"};
    arguments.insert(arguments.end(), filters.begin(), filters.end());
    return arguments;
  }
  std::string IdOf(const std::string& reference) const {
    return HouseholdOf(reference).household_id();
  }
};

TEST_F(HouseholdCommandsTest, ShowsAndListsHouseholds) {
  const Result got = Ask(Get(IdOf("L900001")));
  EXPECT_EQ(got.code, 0);
  EXPECT_THAT(got.output, AllOf(HasSubstr("Éliane DUPRÉ"), HasSubstr("1938-02-03"),
                                HasSubstr("+33199004101"), HasSubstr("31000 Toulouse")));
  EXPECT_EQ(AskJson(Get(IdOf("L900001")))["household"]["client_reference"], "L900001");
  EXPECT_EQ(AskJson(List({}))["households"].size(), 5u);
  EXPECT_EQ(AskJson(List({"--commune", "33063"}))["households"].size(), 2u);
  const std::string reference = folder_.Write("reference", "L900002\n");
  EXPECT_EQ(AskJson(List({"--reference-file", reference}))["households"].size(), 1u);
  const Result page = Ask(List({"--limit", "2"}));
  EXPECT_THAT(page.output, HasSubstr("--after "));
}

TEST_F(HouseholdCommandsTest, LooksOutsideOnesOwnWorkNeedAReasonThatStandsInTheTrail) {
  const std::string id = IdOf("L900001");
  for (const Arguments& look : {Arguments{"household", "get", id}, Arguments{"household", "list"},
                                Arguments{"household", "get", id, "--reason", "too short"}}) {
    const Result refused = Ask(look);
    EXPECT_EQ(refused.code, 1) << refused.output;
    EXPECT_THAT(refused.output, AllOf(HasSubstr("REASON_REQUIRED"), HasSubstr("--reason WHY")));
  }
  const std::string why = "réclamation du 3 avril, dossier n° 17";
  const Result got = Ask({"household", "get", id, "--reason", why});
  EXPECT_EQ(got.code, 0) << got.output;
  // Finding who it is on the line is a coordinator's work, and not a data-protection officer's.
  const Arguments find = {"household", "find", folder_.Write("name", "dupre\n")};
  EXPECT_EQ(Ask(find).code, 0);
  Arguments as_dpo = find;
  as_dpo.insert(as_dpo.end(), {"--as", "dpo"});
  EXPECT_THAT(Ask(as_dpo).output, HasSubstr("REASON_REQUIRED"));
  as_dpo.insert(as_dpo.end(), {"--reason", "request of the household to see its data"});
  EXPECT_EQ(Ask(as_dpo).code, 0);

  EXPECT_THAT(Ask({"audit", "who-saw", id}).output,
              AllOf(HasSubstr("keeping the register ! " + why),
                    HasSubstr("answering a tenant ! request of the household to see its data"),
                    HasSubstr("answering a tenant  ")));
  int looks = 0;
  const json outside = AskJson({"audit", "outside"});
  for (const json& event : outside["events"]) {
    EXPECT_NE(event["reason"], "");
    looks += event["object_id"] == id && event["reason"] == why;
  }
  EXPECT_EQ(looks, 1) << outside;
}

TEST_F(HouseholdCommandsTest, PreviewsACohortAndListsWhomItLeavesOut) {
  const Arguments rule = {"--minimum-age", "70", "--reference-date", "2020-03-17"};
  Arguments preview = {"cohort", "preview"};
  preview.insert(preview.end(), rule.begin(), rule.end());
  EXPECT_EQ(AskJson(preview)["counts"]["selected"], "2");
  EXPECT_THAT(Ask(preview).output, AllOf(HasSubstr("Toulouse"), HasSubstr("no valid phone")));

  Arguments left_out = {"household", "left-out"};
  left_out.insert(left_out.end(), rule.begin(), rule.end());
  EXPECT_THAT(Ask(left_out).output, AllOf(HasSubstr("no-valid-phone"), HasSubstr("Gaston ROUX"),
                                          HasSubstr("objection"), Not(HasSubstr("BLANC"))));
  const std::string csv = folder_.Path("left-out.csv");
  for (const char* argument : {"--reason", "no-valid-phone", "--csv"}) {
    left_out.emplace_back(argument);
  }
  left_out.push_back(csv);
  EXPECT_EQ(Ask(left_out).code, 0);
  EXPECT_THAT(TestFolder::Read(csv),
              AllOf(HasSubstr("\r\nno-valid-phone;31000104;L900004;"), Not(HasSubstr("L900005"))));
}

TEST_F(HouseholdCommandsTest, FindsATenantByNameWithoutWritingItOnTheCommandLine) {
  const std::string name = folder_.Write("name", "dupre eliane\n");
  const json found = AskJson({"household", "find", name});
  ASSERT_EQ(found["households"].size(), 1u);
  EXPECT_EQ(found["households"][0]["client_reference"], "L900001");
  EXPECT_THAT(Ask({"household", "find", name}).output, HasSubstr("Marcel DUPRÉ"));
  EXPECT_EQ(Ask({"household", "find", folder_.Write("two", "dupre\nfabre\n")}).code, 2);
}

TEST_F(HouseholdCommandsTest, CorrectsAHouseholdAndNoImportUndoesIt) {
  const std::string id = IdOf("L900004");  // nobody can be called there
  json household = AskJson(Get(id))["household"];
  household["phones"] = json::array({{{"original", "06 39 98 41 77"}}});
  const std::string file = folder_.Write("household.json", household.dump());
  const Result corrected = Ask({"household", "update", file, "--field", "phones"});
  EXPECT_EQ(corrected.code, 0) << corrected.output;
  EXPECT_THAT(corrected.output, HasSubstr("+33639984177"));
  EXPECT_THAT(Ask({"household", "update", file, "--field", "phones"}).output,
              HasSubstr("ETAG_MISMATCH"));
  EXPECT_EQ(Ask({"household", "update", file, "--field", "dwelling"}).code, 2);
  ASSERT_EQ(Import(folder_.Path("register.csv"), {"--complete"}).code, 0);
  EXPECT_THAT(Ask(Get(id)).output, HasSubstr("+33639984177"));
}

TEST_F(HouseholdCommandsTest, RecordsAnObjection) {
  EXPECT_EQ(Ask({"household", "object", IdOf("L900002")}).code, 0);
  EXPECT_THAT(Ask(Get(IdOf("L900002"))).output, HasSubstr("objects"));
  EXPECT_THAT(Ask({"cohort", "preview", "--reference-date", "2020-03-17"}).output,
              ::testing::ContainsRegex("selected +1"));
}

TEST_F(HouseholdCommandsTest, RecordsAnObjectionToCallsOnly) {
  const std::string id = IdOf("L900002");
  EXPECT_EQ(Ask({"household", "object", id, "--calls-only", "--tenant", id}).code, 2);
  EXPECT_EQ(Ask({"household", "object", id, "--calls-only"}).code, 0);
  EXPECT_THAT(Ask(Get(id)).output, HasSubstr("objects to calls only"));
}

}  // namespace
}  // namespace veille::e2e
