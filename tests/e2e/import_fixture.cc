#include "e2e/import_fixture.h"

#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/ids/uuid.h"
#include "testing/status_matchers.h"

namespace veille::e2e {
namespace {

constexpr char kReason[] = "a test looks at what it imported";

using RowsByReason = std::map<std::string, int64_t>;

RowsByReason RefusedInTruth() {
  RowsByReason refused;
  for (const auto& [reason, rows] : RegisterTruth()["refused"].items()) refused[reason] = rows;
  return refused;
}

RowsByReason RefusedInTotals(const nlohmann::json& totals) {
  RowsByReason refused;
  for (const auto& count : totals["refused_by_reason"]) {
    refused[count["reason"]] = std::stoll(count["rows"].get<std::string>());
  }
  return refused;
}

RowsByReason RefusedInFile(const std::string& path) {
  RowsByReason refused;
  const std::vector<std::string> lines = absl::StrSplit(TestFolder::Read(path), "\r\n");
  for (size_t i = 1; i + 1 < lines.size(); ++i) {
    const std::vector<std::string> cells = absl::StrSplit(lines[i], absl::MaxSplits(';', 2));
    EXPECT_EQ(cells.size(), 3u);
    ++refused[cells[1]];
  }
  return refused;
}

}  // namespace

namespace pb = ::veille::registry::v1;
using Stub = pb::RegistryService::Stub;

std::unique_ptr<Programme> ImportFixture::programme_;

void ImportFixture::NewLandlord() {
  pb::CreateLandlordRequest request;
  request.set_request_id(ids::Uuid::Random().ToString());
  request.set_name("Toit Commun " + request.request_id());
  const auto created = programme_->Connect(Service::kRegistry, {"operator", "root", "", ""})
                           .Call(&Stub::CreateLandlord, request);
  ASSERT_THAT(created, testing::IsOk());
  landlord_ = created->landlord().landlord_id();
}

Arguments ImportFixture::ImportCommand(const std::string& file, const Arguments& more) const {
  Arguments arguments = {
      "import",    file, "--reference-date", RegisterTruth()["reference_date"], "--json",
      "--timeout", "60s"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

ImportFixture::Imported ImportFixture::Import(const std::string& file,
                                              const Arguments& more) const {
  return Read(Veillectl(*programme_, landlord_, ImportCommand(file, more)));
}

ImportFixture::Imported ImportFixture::Read(const Result& result) {
  Imported imported{result.code, result.output, {}};
  const size_t start = absl::StartsWith(result.output, "{") ? 0 : result.output.find("\n{");
  if (result.code == 0 && start != std::string::npos) {
    imported.totals = nlohmann::json::parse(result.output.substr(start));
  }
  return imported;
}

veillectl::Connection ImportFixture::Registry(const std::string& role) const {
  return programme_->Connect(Service::kRegistry, {role, "ada", landlord_, ""});
}

pb::CohortCounts ImportFixture::Preview() const {
  const std::vector<std::string> day =
      absl::StrSplit(RegisterTruth()["reference_date"].get<std::string>(), '-');
  pb::PreviewCohortRequest request;
  request.mutable_rule()->set_minimum_age(RegisterTruth()["minimum_age"]);
  common::v1::Date* date = request.mutable_rule()->mutable_reference_date();
  date->set_year(std::stoi(day[0]));
  date->set_month(std::stoi(day[1]));
  date->set_day(std::stoi(day[2]));
  const auto response = Registry().Call(&Stub::PreviewCohort, request);
  EXPECT_THAT(response, testing::IsOk());
  return response.ok() ? response->counts() : pb::CohortCounts();
}

std::vector<pb::Household> ImportFixture::Households() const {
  pb::ListHouseholdsRequest request;
  request.set_include_left(true);
  const auto response = Registry().WithReason(kReason).CallAllPages(&Stub::ListHouseholds, request);
  EXPECT_THAT(response, testing::IsOk());
  if (!response.ok()) return {};
  return {response->households().begin(), response->households().end()};
}

pb::Household ImportFixture::HouseholdOf(const std::string& client_reference) const {
  pb::ListHouseholdsRequest request;
  request.set_client_reference(client_reference);
  request.set_include_left(true);
  const auto response = Registry().WithReason(kReason).Call(&Stub::ListHouseholds, request);
  EXPECT_THAT(response, testing::IsOk());
  EXPECT_EQ(response->households_size(), 1);
  return response->households_size() == 1 ? response->households(0) : pb::Household();
}

void ImportFixture::ExpectTruth(const Imported& imported) const {
  const nlohmann::json& truth = RegisterTruth();
  ASSERT_EQ(imported.code, 0) << imported.told;
  EXPECT_EQ(imported["rows"], truth["rows"]);
  EXPECT_EQ(imported["refused"], truth["rows_refused"]);
  EXPECT_EQ(imported["dwellings"], truth["dwellings"]);
  EXPECT_EQ(imported["households"], truth["households"]);
  EXPECT_EQ(imported["dwellings"] - imported["households"], truth["vacant"]);
  EXPECT_EQ(imported["tenants"], truth["tenants"]);
  EXPECT_EQ(RefusedInTotals(imported.totals), RefusedInTruth());
}

void ImportFixture::ExpectCohortTruth() const {
  const nlohmann::json& truth = RegisterTruth();
  const pb::CohortCounts counts = Preview();
  EXPECT_EQ(counts.selected(), truth["households_70_callable"]);
  EXPECT_EQ(counts.no_valid_phone(), truth["households_70_no_valid_phone"]);
  EXPECT_EQ(counts.objection(), truth["households_70_objection"]);
  EXPECT_EQ(counts.under_age(),
            truth["households"].get<int64_t>() - truth["households_70"].get<int64_t>());
}

void ImportFixture::ExpectRefusedFile(const std::string& path) {
  EXPECT_EQ(RefusedInFile(path), RefusedInTruth());
}

void ImportFixture::ExpectRefusedFile(const std::string& path, const Imported& imported) {
  EXPECT_EQ(RefusedInFile(path), RefusedInTotals(imported.totals));
}

std::string ImportFixture::Value(const std::string& sql) {
  return programme_->database(Service::kRegistry).Value(sql);
}

}  // namespace veille::e2e
