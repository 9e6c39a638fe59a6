// kill -9 of the client and of the service in the middle of an import: the same command goes on,
// and the end is the same.

#include <gtest/gtest.h>
#include <signal.h>

#include <functional>

#include "absl/strings/match.h"
#include "absl/time/clock.h"
#include "e2e/import_fixture.h"
#include "testing/subprocess.h"
#include "testing/wait_until.h"

namespace veille::e2e {
namespace {

class ImportKillTest : public ImportFixture {
 protected:
  // Starts the command and returns when the service has stored more than `rows` of its rows.
  std::unique_ptr<testing::Subprocess> StartImport(const std::string& file, int64_t rows) {
    Arguments argv = {"/bin/sh", "-c", "exec \"$@\" 2>&1", "sh"};
    for (const std::string& argument :
         VeillectlCommand(*programme_, ImportCommand(file, {"--landlord", landlord_}))) {
      argv.push_back(argument);
    }
    auto process = std::make_unique<testing::Subprocess>(argv);
    AwaitRows(rows);
    return process;
  }

  void AwaitRows(int64_t rows) const {
    EXPECT_TRUE(testing::WaitUntil([&] { return StoredRows() > rows; }));
  }

  int64_t StoredRows() const {
    return std::stoll(
        Value("SELECT COALESCE(max(rows), 0) FROM imports WHERE state = 1 AND "
              "landlord_id = '" +
              landlord_ + "'"));
  }

  std::string ImportCount() const {
    return Value("SELECT count(*) FROM imports WHERE landlord_id = '" + landlord_ + "'");
  }
};

TEST_F(ImportKillTest, AClientThatIsKilledGoesOnWhereItStopped) {
  const std::string file = folder_.Write("register.csv", SampleRegister());
  for (const int64_t rows : {0, 8'000, 20'000}) {
    const auto client = StartImport(file, rows);
    client->Kill(SIGKILL);
    EXPECT_EQ(client->Wait(absl::Seconds(10)), 128 + SIGKILL);
  }
  const Imported imported = Import(file);
  ExpectTruth(imported);
  EXPECT_TRUE(absl::StrContains(imported.told, "Continued: ")) << imported.told;
  EXPECT_EQ(imported["taken"] + imported["warned"] + imported["refused"], imported["rows"]);
  EXPECT_EQ(ImportCount(), "1");
  ExpectCohortTruth();
  ExpectRefusedFile(folder_.Path("register.refused.csv"));
  // Done, the same command imports again.
  const Imported again = Import(file);
  EXPECT_EQ(again["unchanged"], again["rows"] - again["refused"]);
  EXPECT_EQ(ImportCount(), "2");
}

TEST_F(ImportKillTest, AServiceThatIsKilledIsWaitedFor) {
  const std::string file = folder_.Write("register.csv", SampleRegister());
  const auto client = StartImport(file, 4'000);
  programme_->Restart(Service::kRegistry);
  AwaitRows(16'000);
  programme_->Restart(Service::kRegistry);
  Result result;
  result.output = client->ReadAll();
  result.code = client->Wait(absl::Seconds(60));
  const Imported imported = Read(result);
  ExpectTruth(imported);
  EXPECT_EQ(imported["taken"] + imported["warned"] + imported["refused"], imported["rows"]);
  EXPECT_EQ(ImportCount(), "1");
  ExpectCohortTruth();
  ExpectRefusedFile(folder_.Path("register.refused.csv"));
}

TEST_F(ImportKillTest, AnImportThatAnotherOneOvertookBeginsAnew) {
  const std::string file = folder_.Write("register.csv", SampleRegister());
  const auto client = StartImport(file, 4'000);
  client->Kill(SIGKILL);
  client->Wait(absl::Seconds(10));
  const std::string other =
      folder_.Write("other.csv", "NUM_LOGEMENT;CODE_INSEE;NOM\r\n1;31555;Martin\r\n");
  // The service may not have noticed yet that the client is gone.
  Imported small;
  EXPECT_TRUE(testing::WaitUntil([&] { return (small = Import(other)).code == 0; })) << small.told;
  ExpectTruth(Import(file));
  EXPECT_EQ(ImportCount(), "3");
}

}  // namespace
}  // namespace veille::e2e
