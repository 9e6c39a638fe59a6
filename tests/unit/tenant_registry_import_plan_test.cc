#include "tenant_registry/domain/import_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace veille::tenant_registry {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const RowRules kRules{&Communes::All(), DateOrder::kDayMonthYear, absl::CivilDay(2020, 3, 17)};

RawRow Raw(const std::string& dwelling, const std::string& reference, const std::string& name,
           const std::string& birth_date = "14/05/1940") {
  RawRow row;
  row.line_number = 2;
  row.dwelling.number = dwelling;
  row.dwelling.commune_code = "31555";
  row.client_reference = reference;
  row.family_name = name;
  row.birth_date = birth_date;
  return row;
}

std::vector<JudgedRow> Judge(const std::vector<RawRow>& raw) {
  std::vector<JudgedRow> rows;
  for (const RawRow& row : raw) rows.push_back(JudgeRow(row, kRules));
  return rows;
}

std::vector<Verdict> VerdictsOf(const ChunkPlan& plan) {
  std::vector<Verdict> verdicts;
  for (const RowVerdict& verdict : plan.verdicts) verdicts.push_back(verdict.verdict);
  return verdicts;
}

// What would be known after this plan.
KnownRow After(const ChunkPlan& plan, size_t row) {
  const RowWrite& write = plan.rows[row];
  KnownRow known;
  known.contents = write.contents;
  known.dwelling = write.dwelling;
  known.household = write.household;
  known.tenant = write.tenant;
  return known;
}

TEST(ImportPlanTest, RowsOfOneHomeShareDwellingAndHousehold) {
  const auto rows = Judge({Raw("D1", "L1", "Martin"), Raw("D1", "L1", "Roux"),
                           Raw("D1", "L2", "Petit"), Raw("D2", "L1", "Blanc")});
  const ChunkPlan plan = PlanChunk(rows, {}, 11);
  EXPECT_THAT(plan.dwellings, SizeIs(2));
  EXPECT_THAT(plan.households, SizeIs(3));
  ASSERT_THAT(plan.tenants, SizeIs(4));
  EXPECT_EQ(plan.tenants[0].household, plan.tenants[1].household);
  EXPECT_EQ(plan.tenants[3].position, 14);
  EXPECT_THAT(plan.objections, IsEmpty());  // nobody knows these households yet
}

TEST(ImportPlanTest, TheSameContentsAreUnchanged) {
  const auto rows = Judge({Raw("D1", "L1", "Martin")});
  const ChunkPlan first = PlanChunk(rows, {}, 1);
  KnownRegister known;
  known.rows[first.rows[0].key] = After(first, 0);
  const ChunkPlan second = PlanChunk(rows, known, 1);
  EXPECT_THAT(VerdictsOf(second), ElementsAre(Verdict::kUnchanged));
  EXPECT_THAT(second.unchanged, ElementsAre(first.rows[0].key));
  EXPECT_THAT(second.tenants, IsEmpty());
  EXPECT_THAT(second.dwellings, IsEmpty());

  // Who had left and is named again has changed.
  known.rows[first.rows[0].key].active = false;
  EXPECT_THAT(VerdictsOf(PlanChunk(rows, known, 1)), ElementsAre(Verdict::kChanged));
}

TEST(ImportPlanTest, ARepetitionAddsNothingButAnObjection) {
  RawRow objecting = Raw("D1", "L1", "Martin");
  objecting.objection = true;
  const auto rows = Judge({Raw("D1", "L1", "Martin"), objecting});
  const ChunkPlan plan = PlanChunk(rows, {}, 1);
  EXPECT_THAT(VerdictsOf(plan), ElementsAre(Verdict::kTaken, Verdict::kTakenWithWarning));
  ASSERT_THAT(plan.tenants, SizeIs(1));
  EXPECT_TRUE(plan.tenants[0].objection);

  KnownRegister known;
  known.rows[plan.rows[0].key] = After(plan, 0);
  known.rows[plan.rows[0].key].seen = true;
  const ChunkPlan later = PlanChunk({&rows[1], 1}, known, 3);
  ASSERT_THAT(later.objections, SizeIs(1));
  EXPECT_EQ(later.objections[0].tenant, plan.tenants[0].id);
}

TEST(ImportPlanTest, AnOccupiedRowThatBecomesVacantLosesItsPerson) {
  RawRow occupied = Raw("D1", "L1", "Martin");
  occupied.row_key = "1";
  RawRow vacant = Raw("D1", "", "", "");
  vacant.row_key = "1";
  const auto before = Judge({occupied});
  const ChunkPlan first = PlanChunk(before, {}, 1);
  KnownRegister known;
  known.rows[first.rows[0].key] = After(first, 0);
  const auto after = Judge({vacant});
  const ChunkPlan second = PlanChunk(after, known, 1);
  EXPECT_THAT(second.gone, ElementsAre(first.tenants[0].id));
  EXPECT_THAT(second.lost, ElementsAre(first.tenants[0].household));
  EXPECT_FALSE(second.rows[0].tenant.has_value());
}

TEST(RegisterRowTest, TheKeyIgnoresCaseAndAccentsAndTheTimeOfDay) {
  RawRow one = Raw("D1", "L1", "Lefèvre", "14/05/1940 00:00:00");
  RawRow other = Raw("D1", "L1", "LEFEVRE", "14/05/1940");
  EXPECT_EQ(JudgeRow(one, kRules).taken()->key, JudgeRow(other, kRules).taken()->key);
  EXPECT_NE(JudgeRow(one, kRules).taken()->contents, JudgeRow(other, kRules).taken()->contents);
}

TEST(RegisterRowTest, ARefusedRowSaysWhoMayStandBehindIt) {
  RawRow row = Raw("D1", "L1", "Martin", "31/02/1940");
  row.given_name = "Jeanne";
  const JudgedRow judged = JudgeRow(row, kRules);
  ASSERT_NE(judged.refused(), nullptr);
  EXPECT_TRUE(judged.refused()->names_person);
  EXPECT_FALSE(judged.refused()->birth_date.has_value());
  EXPECT_EQ(judged.refused()->name, "Jeanne Martin");
  RawRow vacant = Raw("", "", "", "");
  EXPECT_FALSE(JudgeRow(vacant, kRules).refused()->names_person);
}

}  // namespace
}  // namespace veille::tenant_registry
