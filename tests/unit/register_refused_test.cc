// The file of refused rows, and the progress of an import.

#include "veillectl/register/refused_rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "unit/register_fixture.h"
#include "veillectl/register/import_progress.h"

namespace veille::veillectl {
namespace {

namespace fs = std::filesystem;
namespace pb = ::veille::registry::v1;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::IsOk;
using ::testing::Not;

int64_t LinesIn(const std::string& text) { return std::count(text.begin(), text.end(), '\n'); }

std::string ReadAll(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

class RefusedRowsTest : public ::testing::Test {
 protected:
  RefusedRowsTest() {
    std::string pattern = (fs::temp_directory_path() / "veillectl-test.XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
    path_ = folder_ / "register.refused.csv";
  }
  ~RefusedRowsTest() override { fs::remove_all(folder_); }

  // The verdicts of a file in which the rows of these lines are refused.
  static RefusedRows Refused(const RegisterFile& file, const std::set<int64_t>& lines) {
    RegisterUpload::Verdicts verdicts;
    for (const pb::RegisterRow& row : RowsOf(file)) {
      pb::RowVerdict* verdict = verdicts.Add();
      verdict->set_line_number(row.line_number());
      const bool refused = lines.contains(row.line_number());
      verdict->set_verdict(refused ? pb::VERDICT_REFUSED : pb::VERDICT_TAKEN);
      if (refused) verdict->set_reason("name is missing");
    }
    RefusedRows rows;
    rows.Add(0, verdicts);
    return rows;
  }

  fs::path folder_;
  fs::path path_;
};

TEST_F(RefusedRowsTest, HoldsTheCellsAsTheyStandReadyToBeImported) {
  const OpenRegister open(
      "NUM_LOGEMENT;NOM;PRENOM\r\n1;A;B\r\n\r\n2;\"x;\"\"y\"\"\nz\";Dupr\xE9\r\n3;C;D\r\n");
  ASSERT_THAT(open.file, IsOk());
  const RefusedRows refused = Refused(**open.file, {4});
  EXPECT_THAT(refused.Sentences(5), ElementsAre("line 4: name is missing"));
  ASSERT_THAT(refused.WriteTo(path_, **open.file), IsOk());
  EXPECT_EQ(ReadAll(path_),
            "\xEF\xBB\xBFREFUSED_LINE;REFUSED_REASON;NUM_LOGEMENT;NOM;PRENOM\r\n"
            "4;name is missing;2;\"x;\"\"y\"\"\nz\";Dupré\r\n");
  struct stat about{};
  ASSERT_EQ(stat(path_.c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777, 0600u);

  const OpenRegister again(ReadAll(path_));
  ASSERT_THAT(again.file, IsOk());
  EXPECT_TRUE((*again.file)->columns().of_refused_rows);
  const auto rows = RowsOf(**again.file);
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].family_name(), "x;\"y\"\nz");
  EXPECT_EQ(rows[0].given_name(), "Dupré");
  // Refused again, the columns in front are not doubled.
  ASSERT_THAT(Refused(**again.file, {2}).WriteTo(path_, **again.file), IsOk());
  EXPECT_THAT(ReadAll(path_), HasSubstr("\r\n2;name is missing;2;"));
}

TEST_F(RefusedRowsTest, KeepsAFileThatSomebodyMayHaveCorrected) {
  const OpenRegister open("NUM_LOGEMENT;NOM\n1;A\n2;B\n");
  const RefusedRows refused = Refused(**open.file, {3});
  ASSERT_THAT(refused.WriteTo(path_, **open.file), IsOk());
  ASSERT_THAT(refused.WriteTo(path_, **open.file), IsOk());
  EXPECT_FALSE(fs::exists(path_.string() + ".old"));  // the same
  std::ofstream(path_) << "corrected";
  ASSERT_THAT(refused.WriteTo(path_, **open.file), IsOk());
  EXPECT_EQ(ReadAll(path_.string() + ".old"), "corrected");
  EXPECT_THAT(ReadAll(path_), HasSubstr("name is missing"));
  // Nothing was refused: a file that is left would say that something was.
  ASSERT_THAT(RefusedRows().WriteTo(path_, **open.file), IsOk());
  EXPECT_FALSE(fs::exists(path_));
}

TEST_F(RefusedRowsTest, PlacesAreCheckedBeforeAnythingIsSent) {
  const std::string path = (folder_ / "register.csv").string();
  std::ofstream(path) << "x";
  EXPECT_EQ(RefusedPathOf(path), path_);
  EXPECT_EQ(RefusedPathOf("-"), "register.refused.csv");
  EXPECT_EQ(RefusedPathOf("export.txt"), "export.refused.csv");
  EXPECT_THAT(CheckRefusedPath(path_, path), IsOk());
  EXPECT_THAT(CheckRefusedPath(path, path), Not(IsOk()));
  EXPECT_THAT(CheckRefusedPath(folder_.string(), path), Not(IsOk()));
  EXPECT_THAT(CheckRefusedPath((folder_ / "none" / "x.csv").string(), path), Not(IsOk()));
}

TEST(ImportProgressTest, ALineEveryFewSecondsOrOneThatIsRewritten) {
  absl::Time now = absl::UnixEpoch();
  const auto clock = [&now] { return now; };
  std::ostringstream lines, terminal;
  {
    ImportProgress to_file(lines, false, 500'000, clock);
    ImportProgress to_terminal(terminal, true, 500'000, clock);
    to_file.SetDoneBefore(100'000);
    for (int64_t rows = 100'000; rows <= 300'000; rows += 10'000) {
      to_file.SetDone(rows);
      to_terminal.SetDone(rows);
      now += absl::Seconds(1);
    }
  }
  EXPECT_THAT(lines.str(), HasSubstr("150,000 of 500,000 rows, 30 %, 10,000 rows/s\n"));
  EXPECT_EQ(LinesIn(lines.str()), 4);
  EXPECT_THAT(terminal.str(), HasSubstr("\r\x1b[K300,000 of 500,000 rows, 60 %"));
  EXPECT_THAT(terminal.str(), ::testing::EndsWith("\r\x1b[K"));
  EXPECT_EQ(LinesIn(terminal.str()), 0);
}

}  // namespace
}  // namespace veille::veillectl
