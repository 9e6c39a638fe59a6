// The command line as scripts see it: exit codes, JSON, and what never stands in its output.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "common/ids/uuid.h"
#include "e2e/command.h"
#include "e2e/programme.h"

namespace veille::e2e {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

const std::string& Somebody() {
  static const std::string id = ids::Uuid::Random().ToString();
  return id;
}

TEST(VeillectlTest, TeachesItsUse) {
  const Result help = Veillectl({"--help"});
  EXPECT_EQ(help.code, 0);
  EXPECT_THAT(help.output, HasSubstr("Exit codes"));
  EXPECT_THAT(Veillectl({"call", "record", "--help"}).output, HasSubstr("DISPOSITION_COMPLETED"));
  EXPECT_EQ(Veillectl({"--version"}).code, 0);
}

TEST(VeillectlTest, WrongUseIsExitCode2) {
  EXPECT_EQ(Veillectl({}).code, 2);
  EXPECT_EQ(Veillectl({"nonsense"}).code, 2);
  EXPECT_EQ(Veillectl({"campaign", "get", "no-id", "--landlord", Somebody()}).code, 2);
  EXPECT_EQ(Veillectl({"campaign", "list", "--landlord", Somebody(), "--as", "king"}).code, 2);
  EXPECT_EQ(Veillectl({"campaign", "list", "--landlord", Somebody(), "--timeout", "soon"}).code, 2);
  const Result nobody = Veillectl({"campaign", "list"});
  EXPECT_EQ(nobody.code, 2);
  EXPECT_THAT(nobody.output, HasSubstr("--landlord"));
  EXPECT_THAT(Veillectl({"desk", "list", "--landlord", Somebody()}).output, HasSubstr("--partner"));
  const Result missing =
      Veillectl({"script", "publish", "/does/not/exist", "--landlord", Somebody()});
  EXPECT_EQ(missing.code, 2);
  EXPECT_THAT(missing.output, HasSubstr("cannot be read"));
  const Result elsewhere = Veillectl(
      {"campaign", "list", "--landlord", Somebody(), "--calls-address", "192.0.2.1:7002"});
  EXPECT_EQ(elsewhere.code, 2);
  EXPECT_THAT(elsewhere.output, HasSubstr("--calls-address"));
}

TEST(VeillectlTest, NoAnswerIsExitCode3AndTellsHowToRepeat) {
  const std::string address = "127.0.0.1:" + std::to_string(FreePort());
  const Result result =
      Veillectl({"landlord", "create", "--name", "X", "--registry-address", address});
  EXPECT_EQ(result.code, 3);
  EXPECT_THAT(result.output, HasSubstr("--request-id"));
  const Result as_json = Veillectl({"landlord", "create", "--name", "X", "--registry-address",
                                    address, "--json", "--request-id", Somebody()});
  EXPECT_EQ(as_json.code, 3);
  EXPECT_EQ(json::parse(as_json.output)["error"]["request_id"], Somebody());
}

class VeillectlWithServicesTest : public ::testing::Test {
 protected:
  Result Ask(Arguments arguments) { return Veillectl(programme_, landlord_, std::move(arguments)); }

  void CreateLandlord() {
    const Result created = Ask({"landlord", "create", "--name", "Toit Commun", "--json"});
    ASSERT_EQ(created.code, 0) << created.output;
    landlord_ = json::parse(created.output)["landlord"]["landlord_id"];
  }

  Programme programme_;
  std::string landlord_;
};

TEST_F(VeillectlWithServicesTest, TheSameRequestIdIsNotDoneTwice) {
  const Arguments create = {"landlord",     "create",   "--name", "Une fois",
                            "--request-id", Somebody(), "--json"};
  const Result first = Ask(create);
  EXPECT_EQ(first.code, 0) << first.output;
  EXPECT_EQ(Ask(create).output, first.output);
}

TEST_F(VeillectlWithServicesTest, RefusalsAreExitCode1WithEveryViolation) {
  CreateLandlord();
  const std::string partner = SamplePath("partner.json");  // without endpoint and phone
  const Result refused = Ask({"partner", "register", partner});
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.output, HasSubstr("INVALID_FIELDS"));
  EXPECT_THAT(refused.output, HasSubstr("- partner.contact_phone"));
  const json error = json::parse(Ask({"partner", "register", partner, "--json"}).output)["error"];
  EXPECT_EQ(error["reason"], "INVALID_FIELDS");
  EXPECT_EQ(error["exit_code"], 1);
  EXPECT_EQ(error["field_violations"][0]["field"], "partner.contact_phone");
  EXPECT_EQ(Ask({"campaign", "get", Somebody()}).code, 1);
  EXPECT_THAT(Ask({"campaign", "list", "--as", "partner", "--partner", Somebody()}).output,
              HasSubstr("ACCESS_DENIED"));
}

TEST_F(VeillectlWithServicesTest, ImportTellsTotalsAndFailsWhenNothingIsTaken) {
  CreateLandlord();
  const Arguments import = {"import", SamplePath("small-register.csv"), "--reference-date",
                            "2020-03-17"};
  const Result imported = Ask(import);
  EXPECT_EQ(imported.code, 0) << imported.output;
  EXPECT_THAT(imported.output, HasSubstr("6 dwellings, 5 households, 6 tenants"));
  EXPECT_THAT(Ask(import).output, ::testing::ContainsRegex("unchanged +7"));
  const Result nothing = Ask({"import", "/dev/null"});
  EXPECT_EQ(nothing.code, 2);
}

}  // namespace
}  // namespace veille::e2e
