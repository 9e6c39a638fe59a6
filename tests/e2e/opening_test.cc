// kill -9 of call-tracking in the middle of drawing a cohort: the drawing goes on where it stood.

#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/ids/uuid.h"
#include "e2e/command.h"
#include "testing/wait_until.h"

namespace veille::e2e {
namespace {

using nlohmann::json;

constexpr int kHouseholds = 2500;  // more than the registry sends in one page
constexpr int kUnderAge = 40;

// The second page of a drawing waits for this lock, which the test holds.
constexpr char kStallSecondPage[] = R"sql(
  CREATE FUNCTION stall() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    PERFORM pg_advisory_xact_lock(42);
    RETURN NEW;
  END $$;
  CREATE TRIGGER stall BEFORE UPDATE ON campaigns FOR EACH ROW
    WHEN (OLD.selected > 0 AND NEW.cohort_cursor IS DISTINCT FROM OLD.cohort_cursor)
    EXECUTE FUNCTION stall();
  SELECT pg_advisory_lock(42))sql";

class OpeningKillTest : public ::testing::Test {
 protected:
  OpeningKillTest() {
    landlord_ = AskJson({"landlord", "create", "--name", "Toit Commun"})["landlord"]["landlord_id"];
    Import();
    AskJson({"script", "publish", SamplePath("script.json")});
    campaign_ =
        AskJson({"campaign", "create", SamplePath("campaign.json")})["campaign"]["campaign_id"];
  }
  ~OpeningKillTest() override { std::filesystem::remove(register_); }

  json AskJson(Arguments arguments) {
    arguments.emplace_back("--json");
    const Result result = Veillectl(programme_, landlord_, std::move(arguments));
    EXPECT_EQ(result.code, 0) << result.output;
    return result.code == 0 ? json::parse(result.output) : json::object();
  }

  // One tenant per household; some are too young. Their numbers are of no one: 01 99 00 is kept
  // for fiction.
  void Import() {
    std::ofstream file(register_);
    file << "NUM_LOGEMENT;ADRESSE;CODE_POSTAL;COMMUNE;CODE_INSEE;REF_CLIENT;CIVILITE;NOM;PRENOM;"
            "DATE_NAISSANCE;TEL_FIXE\n";
    for (int i = 0; i < kHouseholds + kUnderAge; ++i) {
      file << absl::StrFormat(
          "31%06d;%d rue des Lilas;31000;Toulouse;31555;L%06d;Mme;Nom%d;Anne;03/02/%d;"
          "06 39 98 %02d %02d\n",
          i, i, i, i, i < kHouseholds ? 1938 : 1980, i / 100, i % 100);
    }
    file.close();
    AskJson({"import", register_, "--reference-date", "2020-03-17"});
  }

  std::string Count(const std::string& sql) {
    return programme_.database(Service::kCalls).Value("SELECT count(*) FROM " + sql);
  }

  Programme programme_;
  const std::string register_ =
      absl::StrCat(::testing::TempDir(), "/", ids::Uuid::Random().ToString(), ".csv");
  std::string landlord_;
  std::string campaign_;
};

TEST_F(OpeningKillTest, TheDrawingGoesOnWhereItStood) {
  testing::TestDatabase& database = programme_.database(Service::kCalls);
  database.Query(kStallSecondPage);
  testing::Subprocess opening(VeillectlCommand(
      programme_, {"campaign", "open", campaign_, "--landlord", landlord_, "--json"}));
  ASSERT_TRUE(testing::WaitUntil([&] {
    return database.Value(
               "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT "
               "granted") == "1";
  }));

  // A page stands and the report tells of it; then nobody is left to draw on.
  const json report = AskJson({"campaign", "report", campaign_})["report"];
  EXPECT_EQ(report["state"], "CAMPAIGN_STATE_OPENING");
  const int drawn = std::stoi(report["drawn"].get<std::string>());
  EXPECT_GT(drawn, 0);
  EXPECT_LT(drawn, kHouseholds);
  programme_.Kill(Service::kCalls);
  database.Query("SELECT pg_advisory_unlock(42)");
  database.Query("DROP TRIGGER stall ON campaigns");
  programme_.Restart(Service::kCalls);

  // The command that was cut draws on by itself, and ends well.
  ASSERT_EQ(opening.Wait(absl::Seconds(60)), 0);
  const json opened = json::parse(opening.ReadAll())["campaign"];
  EXPECT_EQ(opened["state"], "CAMPAIGN_STATE_RUNNING");
  EXPECT_EQ(opened["selected"], absl::StrCat(kHouseholds));
  EXPECT_EQ(opened["left_out"]["under_age"], absl::StrCat(kUnderAge));
  EXPECT_EQ(Count("cohort_households"), absl::StrCat(kHouseholds));
  EXPECT_EQ(Count("cohort_subjects"), absl::StrCat(kHouseholds));
  EXPECT_EQ(Count("call_queue"), absl::StrCat(kHouseholds));
  EXPECT_EQ(Count("cohort_left_out"), absl::StrCat(kUnderAge));

  // Once more: as it is.
  const json again = AskJson({"campaign", "open", campaign_})["campaign"];
  EXPECT_EQ(again, opened);
}

}  // namespace
}  // namespace veille::e2e
