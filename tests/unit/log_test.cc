#include "common/telemetry/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace veille::log {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::internal::CaptureStderr;
using ::testing::internal::GetCapturedStderr;

// A value that was not vouched for does not compile: that is what keeps personal data out.
template <typename T>
concept Loggable = requires(T value) { Field("key", value); };
static_assert(Loggable<int> && Loggable<absl::Duration> && Loggable<ids::TenantId> &&
              Loggable<Text>);
static_assert(!Loggable<std::string> && !Loggable<std::string_view> && !Loggable<const char*>);

std::string Written(Level least, Level level, std::initializer_list<Field> fields) {
  CaptureStderr();
  Start("veille-test", least);
  Write(level, "lease granted", fields);
  return GetCapturedStderr();
}

TEST(Log, IsOneLineOfKeysAndValues) {
  const auto id = ids::TenantId::Random();
  const std::string line =
      Written(Level::kInfo, Level::kWarning,
              {{"count", 3}, {"took", absl::Milliseconds(12)}, {"tenant", id}, {"kind", "retry"}});
  EXPECT_THAT(line, ::testing::MatchesRegex("20[0-9-]+T[0-9:.]+Z warning veille-test .*\n"));
  EXPECT_THAT(
      line, EndsWith(" lease granted count=3 took=12ms tenant=" + id.ToString() + " kind=retry\n"));
}

TEST(Log, KeepsOneEventOnOneLineWhateverAValueHolds) {
  const std::string line = Written(Level::kInfo, Level::kInfo,
                                   {{"a", Text{"two\nlines\tand \"quotes\""}},
                                    {"b", Text{""}},
                                    {"c", Text{"{}"}},
                                    {"d", Text{"é"}}});
  EXPECT_THAT(line, EndsWith(" a=\"two lines and 'quotes'\" b=\"\" c={} d=é\n"));
}

TEST(Log, LeavesOutWhatIsBelowItsLevel) {
  EXPECT_EQ(Written(Level::kWarning, Level::kInfo, {}), "");
  EXPECT_THAT(Written(Level::kDebug, Level::kDebug, {}), HasSubstr("debug"));
}

}  // namespace
}  // namespace veille::log
