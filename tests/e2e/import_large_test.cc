// A register of 500,000 rows: memory stays flat in the client and in the service.

#include <gtest/gtest.h>

#include <algorithm>

#include "e2e/command.h"
#include "e2e/import_fixture.h"
#include "testing/subprocess.h"
#include "testing/wait_until.h"

namespace veille::e2e {
namespace {

constexpr int64_t kRows = 500'000;
constexpr int64_t kMegabyte = 1'000'000;

class ImportLargeTest : public ImportFixture {
 protected:
  std::string ScaledRegister() const {
    const std::string path = folder_.Path("large.csv");
    testing::Subprocess scale({"/bin/sh", "-c", "exec \"$0\" --rows \"$1\" > \"$2\"",
                               VEILLE_SCALE_REGISTER, std::to_string(kRows), path});
    EXPECT_EQ(scale.Wait(absl::Minutes(2)), 0);
    return path;
  }
};

TEST_F(ImportLargeTest, MemoryStaysFlat) {
  const std::string file = ScaledRegister();
  testing::Subprocess client(
      VeillectlCommand(*programme_, ImportCommand(file, {"--landlord", landlord_})));
  int64_t peak = 0;
  EXPECT_TRUE(testing::WaitUntil(
      [&] {
        peak = std::max(peak, client.PeakBytes());
        return !client.running();
      },
      absl::Minutes(8)));
  Result result;
  result.output = client.ReadAll();
  result.code = client.Wait(absl::Seconds(1));
  const Imported imported = Read(result);
  ASSERT_EQ(imported.code, 0) << imported.told;
  EXPECT_GE(imported["rows"], kRows);
  EXPECT_GT(peak, 0);
  EXPECT_LT(peak, 60 * kMegabyte);
  EXPECT_LT(programme_->PeakBytes(Service::kRegistry), 120 * kMegabyte);
  RecordProperty("client_peak_bytes", std::to_string(peak));
  RecordProperty("service_peak_bytes", std::to_string(programme_->PeakBytes(Service::kRegistry)));
}

}  // namespace
}  // namespace veille::e2e
