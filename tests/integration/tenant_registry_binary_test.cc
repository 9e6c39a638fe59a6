// The binary itself: migrate, serve, health, drain.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>

#include "testing/subprocess.h"
#include "testing/test_database.h"

namespace veille::tenant_registry {
namespace {

using ::testing::HasSubstr;
using ::veille::testing::Subprocess;
using ::veille::testing::TestDatabase;

std::string Binary() {
  const char* folder = std::getenv("VEILLE_TEST_BIN");
  return std::string(folder == nullptr ? "build/release/bin" : folder) + "/veille-tenant-registry";
}

int ExitCode(const std::vector<std::string>& arguments) {
  std::vector<std::string> argv = {Binary()};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  return Subprocess(argv).Wait(absl::Seconds(30));
}

TEST(RegistryBinaryTest, MigratesServesAndDrains) {
  TestDatabase database({});
  const std::string connection = database.options().connection;
  const std::vector<std::string> serve = {
      Binary(),     "serve",    "--insecure-loopback", "--listen", "127.0.0.1:0",
      "--database", connection, "--database-lanes",    "2"};
  // An older schema is refused.
  EXPECT_EQ(Subprocess(serve).Wait(absl::Seconds(30)), 1);
  const std::vector<std::string> migrate = {"migrate", "--database",
                                            database.owner_options().connection, "--service-role",
                                            testing::kServiceRole};
  ASSERT_EQ(ExitCode(migrate), 0);
  ASSERT_EQ(ExitCode(migrate), 0);

  // Nor as the owner, whom no wall holds.
  std::vector<std::string> as_owner = serve;
  as_owner[6] = database.owner_options().connection;
  EXPECT_EQ(Subprocess(as_owner).Wait(absl::Seconds(30)), 1);

  Subprocess registry(serve);
  const auto address = registry.WaitForLine("SERVING ", absl::Seconds(30));
  ASSERT_TRUE(address.has_value());
  EXPECT_EQ(ExitCode({"health", "--listen", *address}), 0);
  registry.Kill(SIGTERM);
  EXPECT_EQ(registry.Wait(absl::Seconds(30)), 0);
  EXPECT_EQ(ExitCode({"health", "--listen", *address}), 1);
}

TEST(RegistryBinaryTest, RefusesWhatItDoesNotKnow) {
  EXPECT_EQ(ExitCode({"--version"}), 0);
  EXPECT_EQ(ExitCode({"--help"}), 0);
  EXPECT_EQ(ExitCode({"serve", "--insecure-loopback", "--lanes-of-glory", "2"}), 2);
  EXPECT_EQ(ExitCode({"serve"}), 2);  // without TLS only by saying so
}

}  // namespace
}  // namespace veille::tenant_registry
