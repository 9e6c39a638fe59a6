// A landlord's register through veillectl import: what is found in it, and what a second import
// does.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "absl/strings/str_cat.h"
#include "common/ids/uuid.h"
#include "e2e/import_fixture.h"
#include "testing/status_matchers.h"

namespace veille::e2e {
namespace {

namespace pb = ::veille::registry::v1;
using Stub = pb::RegistryService::Stub;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::IsOk;
using ::testing::Not;

class ImportTest : public ImportFixture {
 protected:
  std::string WriteSample() const { return folder_.Write("register.csv", SampleRegister()); }

  // The first rows of it, some of which are refused: enough for what does not count them all.
  static RegisterCells Beginning() { return {SampleCells().begin(), SampleCells().begin() + 3000}; }
  std::string WriteBeginning() const {
    return folder_.Write("register.csv", AsSample(Beginning()));
  }
  // What an import of it tells of its rows, without having taken any.
  Imported Judged(const std::string& file) const {
    Imported judged = Import(file, {"--dry-run"});
    EXPECT_EQ(judged.code, 0) << judged.told;
    EXPECT_GT(judged["refused"], 0);
    return judged;
  }

  // The register with one cell of each of these rows (from 1) rewritten.
  static RegisterCells Changed(RegisterCells cells, const std::set<size_t>& rows,
                               const std::string& column, const std::string& value) {
    for (const size_t row : rows) cells[row][ColumnOf(cells, column)] = value;
    return cells;
  }

  // The first rows with a whole person in them, of different households.
  static std::set<size_t> SomePersons(size_t count) {
    const RegisterCells& cells = SampleCells();
    std::set<size_t> rows;
    std::set<std::string> households;
    for (size_t row = 1; rows.size() < count; ++row) {
      const std::string& reference = cells[row][ColumnOf(cells, "REF_CLIENT")];
      const bool whole = !cells[row][ColumnOf(cells, "NOM")].empty() && !reference.empty();
      if (whole && households.insert(reference).second) rows.insert(row);
    }
    return rows;
  }
};

TEST_F(ImportTest, TheSampleGivesTheTruthAndADryRunSaysItBefore) {
  const std::string file = WriteSample();
  const Imported judged = Import(file, {"--dry-run"});
  ExpectTruth(judged);
  EXPECT_EQ(judged["warned"], RegisterTruth()["warned"]["row repeated: taken once"]);
  EXPECT_TRUE(Households().empty());
  EXPECT_EQ(Value("SELECT count(*) FROM dwellings"), "0");

  const Imported imported = Import(file);
  ExpectTruth(imported);
  EXPECT_EQ(imported.totals, judged.totals);
  ExpectCohortTruth();
  ExpectRefusedFile(folder_.Path("register.refused.csv"));
  EXPECT_EQ(std::filesystem::status(folder_.Path("register.refused.csv")).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  EXPECT_THAT(folder_.Names(), ElementsAre("register.csv", "register.refused.csv"));
}

TEST_F(ImportTest, AnotherProgramsExportGivesTheSameThroughAMapping) {
  const Imported judged = Judged(WriteBeginning());
  const std::string file = folder_.Write("export.csv", AsVariant(Beginning()));
  const std::string mapping = folder_.Write("mapping.json", VariantMapping());
  const Imported imported = Import(file, {"--mapping", mapping});
  EXPECT_EQ(imported.totals, judged.totals);
  // They are the same rows to the last letter: the sample itself changes none.
  const Imported sample = Import(WriteBeginning());
  EXPECT_EQ(sample.code, 0);
  EXPECT_EQ(sample["unchanged"], sample["rows"] - sample["refused"]);
}

TEST_F(ImportTest, TheSameFileIsUnchangedAndAChangedOneChangesItsRowsOnly) {
  const Imported first = Import(WriteBeginning());
  ASSERT_EQ(first.code, 0) << first.told;
  for (int i = 0; i < 2; ++i) {
    const Imported again = Import(WriteBeginning());
    ASSERT_EQ(again.code, 0) << again.told;
    EXPECT_EQ(again["unchanged"], again["rows"] - again["refused"]);
    EXPECT_EQ(again["households"], first["households"]);
  }
  const std::set<size_t> rows = SomePersons(7);
  const std::string changed = folder_.Write(
      "changed.csv", AsSample(Changed(Beginning(), rows, "EMAIL", "nouveau@exemple.fr")));
  const std::string verdicts = folder_.Path("verdicts.csv");
  const Imported import = Import(changed, {"--verdicts", verdicts});
  ASSERT_EQ(import.code, 0) << import.told;
  const std::string told = TestFolder::Read(verdicts);
  for (const size_t row : rows) {
    EXPECT_THAT(told, HasSubstr(absl::StrCat("\n", row + 1, ";changed;\n")));
  }
  EXPECT_THAT(told, HasSubstr("\n499;refused;birth date in the future\n"));
  EXPECT_EQ(import["changed"], 7);
  EXPECT_EQ(import["taken"], 0);
  EXPECT_EQ(import["unchanged"], import["rows"] - import["refused"] - 7);
  EXPECT_EQ(import["households"], first["households"]);
  EXPECT_EQ(static_cast<int64_t>(Households().size()), first["households"]);
}

TEST_F(ImportTest, AnObjectionRecordedEarlierSurvivesEveryImport) {
  const std::string file = WriteBeginning();
  ASSERT_EQ(Import(file).code, 0);
  const std::set<size_t> rows = SomePersons(1);
  const std::string reference = SampleCells()[*rows.begin()][ColumnOf(SampleCells(), "REF_CLIENT")];
  pb::RecordObjectionRequest objection;
  objection.set_request_id(ids::Uuid::Random().ToString());
  objection.set_household_id(HouseholdOf(reference).household_id());
  ASSERT_THAT(Registry().Call(&Stub::RecordObjection, objection), IsOk());
  EXPECT_EQ(Import(file, {"--complete"})["changed"], 0);
  const std::string changed = folder_.Write(
      "changed.csv", AsSample(Changed(Beginning(), rows, "EMAIL", "nouveau@exemple.fr")));
  EXPECT_EQ(Import(changed)["changed"], 1);
  EXPECT_TRUE(HouseholdOf(reference).objection());
}

TEST_F(ImportTest, ACompleteFileMarksAbsentHouseholdsAsLeftAndDeletesNone) {
  const RegisterCells cells = Beginning();
  const std::string whole = folder_.Write("register.csv", AsSample(cells));
  const int64_t all = Import(whole)["households"];
  const size_t reference = ColumnOf(cells, "REF_CLIENT");
  std::set<std::string> gone;
  for (const size_t row : SomePersons(5)) gone.insert(cells[row][reference]);
  RegisterCells rest;
  for (const auto& row : cells) {
    if (!gone.contains(row[reference])) rest.push_back(row);
  }
  const std::string file = folder_.Write("rest.csv", AsSample(rest));
  EXPECT_EQ(Import(file)["households_left"], 0);  // not said to be complete
  EXPECT_EQ(Import(file, {"--complete", "--dry-run"})["households_left"], 5);
  EXPECT_EQ(Import(file, {"--complete"})["households_left"], 5);
  std::set<std::string> left;
  const std::vector<pb::Household> households = Households();
  for (const pb::Household& household : households) {
    if (household.state() == pb::RESIDENCY_STATE_LEFT) left.insert(household.client_reference());
  }
  EXPECT_EQ(left, gone);
  EXPECT_EQ(static_cast<int64_t>(households.size()), all);
  // They are there again with the next register that names them.
  EXPECT_EQ(Import(whole, {"--complete"})["households_left"], 0);
  for (const std::string& household : gone) {
    EXPECT_EQ(HouseholdOf(household).state(), pb::RESIDENCY_STATE_PRESENT);
  }
}

TEST_F(ImportTest, RefusedRowsAreImportedWhenTheyAreCorrected) {
  const std::string rows =
      "NUM_LOGEMENT;CODE_INSEE;REF_CLIENT;NOM;PRENOM;DATE_NAISSANCE\r\n"
      "1;31555;L1;Dupr\xE9;Odette;03/02/1938\r\n"
      "2;31555;L2;Martin;Paul;31/02/1938\r\n";
  const Imported first = Import(folder_.Write("small.csv", rows));
  EXPECT_EQ(first["taken"], 1);
  EXPECT_EQ(first["refused"], 1);
  const std::string path = folder_.Path("small.refused.csv");
  std::string refused = TestFolder::Read(path);
  EXPECT_THAT(refused, HasSubstr("3;birth date does not exist;2;31555;L2;Martin;Paul;31/02/1938"));
  const Imported uncorrected = Import(path);
  EXPECT_EQ(uncorrected.code, 1);
  EXPECT_THAT(uncorrected.told, HasSubstr("IMPORT_EMPTY"));
  EXPECT_EQ(Import(path).code, 1);  // and again
  refused.replace(refused.find("31/02"), 5, "28/02");
  folder_.Write("small.refused.csv", refused);
  EXPECT_EQ(Import(path, {"--complete"}).code, 2);  // it is not all households
  EXPECT_EQ(Import(path)["taken"], 1);
  EXPECT_EQ(HouseholdOf("L2").tenants_size(), 1);
}

TEST_F(ImportTest, NothingIsTakenOfAMalformedFile) {
  const std::string good = AsSample(Beginning());
  const Arguments malformed = {
      good + "31000001;La Garenne\r\n",                                // too few cells
      good + "31000001;\"La Garenne" + std::string(21, ';') + "\r\n",  // an open quote
      good + std::string("\0", 1),                                     // a NUL
      good + "\xC3\xA9" + std::string(22, ';') + "\r\n",               // two encodings
      good + std::string(10 << 20, 'x'),                               // 10 MB
  };
  for (const std::string& text : malformed) {
    const Imported refused = Import(folder_.Write("bad.csv", text));
    EXPECT_EQ(refused.code, 2);
    EXPECT_THAT(refused.told, HasSubstr("line 3001, column "));
  }
  for (const std::string& text : {std::string(), good.substr(0, good.find('\n') + 1),
                                  TestFolder::Read(SamplePath("register.csv.gz"))}) {
    EXPECT_EQ(Import(folder_.Write("bad.csv", text)).code, 2);
  }
  const std::string mapping = folder_.Write("mapping.json", VariantMapping());
  const Imported wrong = Import(WriteBeginning(), {"--mapping", mapping});
  EXPECT_EQ(wrong.code, 2);
  EXPECT_THAT(wrong.told, HasSubstr("line 1, column 1"));
  EXPECT_EQ(Value("SELECT count(*) FROM imports WHERE landlord_id = '" + landlord_ + "'"), "0");
}

TEST_F(ImportTest, StandardInputLeavesNothingBehind) {
  const std::string file = WriteBeginning();
  const Imported judged = Judged(file);
  std::filesystem::create_directory(folder_.Path("tmp"));
  // Through a shell: from a pipe, with a folder of its own for what is temporary.
  Arguments argv = {
      "/bin/sh", "-c",
      "file=$1; shift; cat \"$file\" | TMPDIR=" + folder_.Path("tmp") + " exec \"$@\" 2>&1", "sh",
      file};
  for (const std::string& argument :
       VeillectlCommand(*programme_, ImportCommand("-", {"--refused", folder_.Path("refused.csv"),
                                                         "--landlord", landlord_}))) {
    argv.push_back(argument);
  }
  testing::Subprocess process(argv);
  Result result;
  result.output = process.ReadAll();
  result.code = process.Wait(absl::Seconds(30));
  const Imported imported = Read(result);
  EXPECT_EQ(imported.totals, judged.totals) << imported.told;
  ExpectRefusedFile(folder_.Path("refused.csv"), judged);
  EXPECT_TRUE(std::filesystem::is_empty(folder_.Path("tmp")));
}

TEST_F(ImportTest, TheSameRequestIdIsNotDoneTwice) {
  const std::string id = ids::Uuid::Random().ToString();
  const Imported first = Import(WriteBeginning(), {"--request-id", id});
  ASSERT_EQ(first.code, 0) << first.told;
  EXPECT_GT(first["taken"], 0);
  std::filesystem::remove(folder_.Path("register.refused.csv"));
  const Imported again = Import(WriteBeginning(), {"--request-id", id});
  EXPECT_EQ(again.totals, first.totals);
  ExpectRefusedFile(folder_.Path("register.refused.csv"), first);
}

}  // namespace
}  // namespace veille::e2e
