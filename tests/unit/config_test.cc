#include "common/config/service_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace veille::config {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using Strings = std::vector<std::string>;

class ConfigTest : public ::testing::Test {
 protected:
  ~ConfigTest() override { std::filesystem::remove_all(folder_); }

  std::string File(const std::string& name, const std::string& text, mode_t mode = 0600) {
    const std::string path = folder_ + "/" + name;
    std::ofstream(path) << text;
    chmod(path.c_str(), mode);
    return path;
  }

  // What the arguments come to; fails the test when they are refused.
  ServiceConfig Good(const Strings& arguments, const Strings& environment = {}) {
    const auto parsed = Parse(service_, arguments, environment);
    if (const Exit* exit = std::get_if<Exit>(&parsed)) throw std::runtime_error(exit->text);
    return std::get<ServiceConfig>(parsed);
  }
  // Why they are refused, with code 2.
  std::string Refused(const Strings& arguments, const Strings& environment = {}) {
    const auto parsed = Parse(service_, arguments, environment);
    const Exit* exit = std::get_if<Exit>(&parsed);
    if (exit == nullptr) return "not refused";
    EXPECT_EQ(exit->code, 2);
    EXPECT_THAT(exit->text, ::testing::StartsWith("veille-call-tracking: "));
    return exit->text;
  }

  const ServiceDescription service_ = {
      "call-tracking",
      "Calls of a campaign.",
      "127.0.0.1:7002",
      {{"registry-address", "the tenant registry", "127.0.0.1:7001"}},
      {{"lease-duration", "of a call", "20m", absl::Seconds(1), absl::Hours(8)}},
      {{"single-calls", "one after the other"}},
      {},
      {{"partner-ports", "where partners listen", "443", "PORTS"}}};

 private:
  std::string folder_ = [] {
    std::string path = ::testing::TempDir() + "/config.XXXXXX";
    return std::string(mkdtemp(path.data()));
  }();
};

TEST_F(ConfigTest, ReadsTheDurationsOfTheService) {
  const Strings serve = {"serve", "--insecure-loopback"};
  const auto with = [&serve](const std::string& value) {
    Strings arguments = serve;
    arguments.insert(arguments.end(), {"--lease-duration", value});
    return arguments;
  };
  EXPECT_EQ(Good(serve).durations.at("lease-duration"), absl::Minutes(20));
  EXPECT_EQ(Good(with("90s")).durations.at("lease-duration"), absl::Seconds(90));
  EXPECT_EQ(Good(serve, {"VEILLE_LEASE_DURATION=2m"}).durations.at("lease-duration"),
            absl::Minutes(2));
  for (const char* wrong : {"0s", "9h", "long"}) {
    EXPECT_THAT(Refused(with(wrong)),
                HasSubstr("--lease-duration: a duration between 1s and 8h, e.g. 20m"));
  }
}

TEST_F(ConfigTest, ReadsTheSwitchesOfTheService) {
  const Strings serve = {"serve", "--insecure-loopback"};
  EXPECT_FALSE(Good(serve).switches.at("single-calls"));
  EXPECT_TRUE(Good({"serve", "--insecure-loopback", "--single-calls"}).switches.at("single-calls"));
  EXPECT_TRUE(Good(serve, {"VEILLE_SINGLE_CALLS=true"}).switches.at("single-calls"));
  EXPECT_THAT(Refused(serve, {"VEILLE_SINGLE_CALLS=perhaps"}), HasSubstr("VEILLE_SINGLE_CALLS"));
}

TEST_F(ConfigTest, ReadsTheTextsOfTheService) {
  const Strings serve = {"serve", "--insecure-loopback"};
  EXPECT_EQ(Good(serve).texts.at("partner-ports"), "443");
  EXPECT_EQ(Good(serve, {"VEILLE_PARTNER_PORTS=443,8443"}).texts.at("partner-ports"), "443,8443");
  EXPECT_EQ(
      Good({"serve", "--insecure-loopback", "--partner-ports", "9443"}, {"VEILLE_PARTNER_PORTS=1"})
          .texts.at("partner-ports"),
      "9443");
}

TEST_F(ConfigTest, ReadsRatesAndWhatMayComeAtOnce) {
  const limits::Options defaults = Good({"serve", "--insecure-loopback"}).limits.ToOptions();
  EXPECT_EQ(defaults.calls.person.per_second, 50);
  EXPECT_EQ(defaults.calls.person.burst, 200);
  EXPECT_EQ(defaults.calls.partner.per_second, 50);
  EXPECT_EQ(defaults.calls.partner.burst, 200);
  EXPECT_EQ(defaults.tokens.refused_per_address.per_second, 10);
  EXPECT_EQ(defaults.tokens.refused_per_address.burst, 200);
  EXPECT_EQ(defaults.tokens.all.per_second, 2'000);
  EXPECT_EQ(defaults.tokens.all.burst, 10'000);
  const limits::Options given =
      Good({"serve", "--insecure-loopback", "--person-calls-per-second", "0",
            "--partner-calls-per-second", "7", "--token-checks-per-second", "1000000"},
           {"VEILLE_REFUSED_TOKENS_PER_SECOND=3"})
          .limits.ToOptions();
  EXPECT_EQ(given.calls.person.per_second, 0) << "no limit";
  EXPECT_EQ(given.calls.partner.burst, 28);
  EXPECT_EQ(given.tokens.all.burst, 5'000'000);
  EXPECT_EQ(given.tokens.refused_per_address.per_second, 3);
  for (const char* wrong : {"-1", "1000001", "many"}) {
    EXPECT_THAT(Refused({"serve", "--insecure-loopback", "--person-calls-per-second", wrong}),
                HasSubstr("--person-calls-per-second"));
  }
}

TEST_F(ConfigTest, HasDefaults) {
  const ServiceConfig config = Good({"serve", "--insecure-loopback"});
  EXPECT_EQ(config.command, ServiceConfig::Command::kServe);
  EXPECT_EQ(config.listen, "127.0.0.1:7002");
  EXPECT_EQ(config.database.connection, "dbname=veille_call_tracking");
  EXPECT_EQ(config.service_role, "veille_call_tracking");
  EXPECT_EQ(config.database.password, "");
  EXPECT_EQ(config.database.lanes, 8);
  EXPECT_EQ(config.peers.at("registry-address"), "127.0.0.1:7001");
  EXPECT_EQ(config.max_in_flight, 1024);
  EXPECT_EQ(config.drain_timeout, absl::Seconds(20));
  EXPECT_EQ(config.figures_interval, absl::Seconds(15));
  EXPECT_EQ(config.log_level, log::Level::kInfo);
  EXPECT_TRUE(config.security.insecure_loopback);
}

TEST_F(ConfigTest, FlagsGoOverEnvironmentOverFile) {
  const std::string file = File("options.toml",
                                "# a comment\n"
                                "max-in-flight = 1\n"
                                "database-lanes = 1\n"
                                "drain-timeout = \"1s\"\n"
                                "insecure-loopback = true\n"
                                "database = \"host=/run/x dbname=a\"\n");
  const ServiceConfig config =
      Good({"serve", "--config", file, "--max-in-flight=3", "--log-level", "DEBUG"},
           {"VEILLE_MAX_IN_FLIGHT=2", "VEILLE_DATABASE_LANES=2", "HOME=/x",
            "VEILLE_REGISTRY_ADDRESS=[::1]:1", "VEILLE_TEST_PGHOST=/tmp"});
  EXPECT_EQ(config.max_in_flight, 3);
  EXPECT_EQ(config.database.lanes, 2);
  EXPECT_EQ(config.drain_timeout, absl::Seconds(1));
  EXPECT_EQ(config.peers.at("registry-address"), "[::1]:1");
  EXPECT_EQ(config.database.connection, "host=/run/x dbname=a");
  EXPECT_EQ(config.log_level, log::Level::kDebug);
  EXPECT_TRUE(config.security.insecure_loopback);
}

TEST_F(ConfigTest, TheFileMayComeFromTheEnvironment) {
  const std::string file = File("options.toml", "max-in-flight = 7\n");
  EXPECT_EQ(Good({"migrate"}, {"VEILLE_CONFIG=" + file}).max_in_flight, 7);
}

TEST_F(ConfigTest, OptionsMayStandBeforeAndAfterTheCommand) {
  EXPECT_EQ(Good({"--max-in-flight", "5", "migrate"}).max_in_flight, 5);
  EXPECT_EQ(Good({"migrate", "--max-in-flight", "5"}).max_in_flight, 5);
  EXPECT_EQ(Good({"health"}).command, ServiceConfig::Command::kHealth);
}

TEST_F(ConfigTest, RefusesWhatItDoesNotKnow) {
  EXPECT_THAT(Refused({"migrate", "--max-inflight", "5"}), HasSubstr("--max-inflight"));
  EXPECT_THAT(Refused({"migrate", "now"}), HasSubstr("now"));
  EXPECT_THAT(Refused({}), HasSubstr("subcommand"));
  EXPECT_THAT(Refused({"migrate"}, {"VEILLE_MAX_INFLIGHT=5"}), HasSubstr("VEILLE_MAX_INFLIGHT"));
  const std::string file = File("options.toml", "max-inflight = 5\n[database]\nlanes = 4\n");
  EXPECT_THAT(Refused({"migrate", "--config", file}),
              AllOf(HasSubstr("'max-inflight'"), HasSubstr("'database.lanes'")));
}

TEST_F(ConfigTest, RefusesValuesThatDoNotFitWhereverTheyStand) {
  EXPECT_THAT(Refused({"migrate", "--max-in-flight", "many"}), HasSubstr("--max-in-flight"));
  EXPECT_THAT(Refused({"migrate", "--database-lanes=0"}), HasSubstr("--database-lanes"));
  EXPECT_THAT(Refused({"migrate", "--drain-timeout=20"}), HasSubstr("--drain-timeout"));
  EXPECT_THAT(Refused({"migrate", "--drain-timeout=-1s"}), HasSubstr("--drain-timeout"));
  EXPECT_THAT(Refused({"migrate", "--figures-interval=0s"}), HasSubstr("--figures-interval"));
  EXPECT_THAT(Refused({"migrate", "--log-level=loud"}), HasSubstr("--log-level"));
  EXPECT_THAT(Refused({"migrate"}, {"VEILLE_DATABASE_LANES=x"}),
              HasSubstr("VEILLE_DATABASE_LANES"));
  EXPECT_THAT(Refused({"migrate"}, {"VEILLE_INSECURE_LOOPBACK=perhaps"}),
              HasSubstr("VEILLE_INSECURE_LOOPBACK"));
  const std::string file =
      File("options.toml", "database-lanes = 1000\nlisten = \"a\"\nlisten = \"b\"\n");
  EXPECT_THAT(Refused({"migrate", "--config", file}),
              AllOf(HasSubstr("'database-lanes'"), HasSubstr("'listen'")));
  EXPECT_THAT(Refused({"migrate", "--config", "/does/not/exist"}), HasSubstr("cannot be read"));
}

TEST_F(ConfigTest, ServesWithoutTlsOnThisMachineOnly) {
  for (const char* address :
       {"127.0.0.1:0", "127.1.2.3:7002", "[::1]:7002", "localhost:7002", "unix:/run/veille.sock"}) {
    EXPECT_EQ(Good({"serve", "--insecure-loopback", "--listen", address}).listen, address);
  }
  for (const char* address :
       {"0.0.0.0:7002", "[::]:7002", "10.0.0.1:7002", "127.0.0.1.example.com:7002",
        "localhost.example.com:7002", "[::ffff:10.0.0.1]:7002", "example.com:7002"}) {
    EXPECT_THAT(Refused({"serve", "--insecure-loopback", "--listen", address}), HasSubstr("TLS"));
    EXPECT_THAT(Refused({"serve", "--insecure-loopback", "--registry-address", address}),
                HasSubstr("--registry-address"));
  }
  for (const char* address : {"", "7002", "127.0.0.1", "127.0.0.1:", "127.0.0.1:70000", "::1:7002",
                              "localhost:http", "unix:", "127.0.0.1:-1"}) {
    EXPECT_THAT(Refused({"serve", "--insecure-loopback", "--listen", address}),
                HasSubstr("HOST:PORT"))
        << address;
  }
  EXPECT_THAT(Refused({"serve"}), HasSubstr("--insecure-loopback"));
}

TEST_F(ConfigTest, ServesWithTlsWhenAllOfItIsGiven) {
  const Strings protection = {"--tls-certificate", "a.pem",    "--tls-key", "a.key",
                              "--tls-authority",   "ca.pem",   "--issuers", "issuers.json",
                              "--audit-key",       "audit.key"};
  const auto serve = [&](const Strings& more, size_t left_out = 99) {
    Strings arguments = {"serve"};
    for (size_t i = 0; i < protection.size(); ++i) {
      if (i / 2 != left_out) arguments.push_back(protection[i]);
    }
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  };
  const ServiceConfig config = Good(serve({"--listen", "0.0.0.0:7002"}));
  EXPECT_TRUE(config.security.tls());
  EXPECT_EQ(config.security.trust_domain, "veille.internal");
  EXPECT_EQ(config.security.audit_key, "audit.key");
  EXPECT_EQ(Good(serve({"--registry-address", "registry.example:7001"})).listen, "127.0.0.1:7002");
  for (size_t i = 0; i < protection.size() / 2; ++i) {
    EXPECT_THAT(Refused(serve({}, i)), HasSubstr(protection[2 * i] + " needed"));
  }
  EXPECT_THAT(Refused(serve({"--insecure-loopback"})),
              HasSubstr("--insecure-loopback goes without --tls-certificate"));
  EXPECT_THAT(Refused(serve({"--listen", "7002"})), HasSubstr("HOST:PORT"));
}

TEST_F(ConfigTest, AdminListensOnThisMachineUnlessTold) {
  const Strings serve = {"serve", "--insecure-loopback"};
  const auto with = [&serve](const Strings& more) {
    Strings arguments = serve;
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  };
  EXPECT_EQ(Good(serve).admin_listen, "");
  EXPECT_FALSE(Good(serve).admin_beyond_loopback);
  EXPECT_EQ(Good(serve, {"VEILLE_ADMIN_LISTEN=127.0.0.1:9102"}).admin_listen, "127.0.0.1:9102");
  const std::string file = File("options.toml", "admin-listen = \"[::1]:0\"\n");
  EXPECT_EQ(Good(with({"--config", file})).admin_listen, "[::1]:0");
  EXPECT_THAT(Refused(with({"--admin-listen", "0.0.0.0:9102"})),
              HasSubstr("--admin-beyond-loopback"));
  EXPECT_EQ(Good(with({"--admin-listen", "0.0.0.0:9102", "--admin-beyond-loopback"})).admin_listen,
            "0.0.0.0:9102");
  EXPECT_THAT(Refused(serve, {"VEILLE_ADMIN_LISTEN=[::]:9102"}),
              HasSubstr("--admin-beyond-loopback"));
  for (const char* wrong : {"9102", "127.0.0.1", "unix:/run/admin.sock", "127.0.0.1:99999"}) {
    EXPECT_THAT(Refused(with({"--admin-listen", wrong, "--admin-beyond-loopback"})),
                HasSubstr("HOST:PORT"))
        << wrong;
  }
}

TEST_F(ConfigTest, MigrateNeedsNoAddressAndHealthARealOne) {
  EXPECT_EQ(Good({"migrate", "--listen", "0.0.0.0:1"}).listen, "0.0.0.0:1");
  EXPECT_THAT(Refused({"health", "--listen", "127.0.0.1:0"}), HasSubstr("port"));
}

TEST_F(ConfigTest, SecretsComeFromFilesOnly) {
  const std::string file = File("password", "s3cret'\\\n");
  EXPECT_EQ(Good({"migrate", "--database-password-file", file}).database.password, "s3cret'\\");
  for (const char* connection : {"dbname=a password=s3cret", "PassWord = 's3cret'"}) {
    EXPECT_THAT(Refused({"migrate", "--database", connection}),
                AllOf(HasSubstr("--database-password-file"), Not(HasSubstr("s3cret"))));
  }
  EXPECT_THAT(Refused({"migrate", "--database", "postgresql://u:s3cret@h/d"}),
              AllOf(HasSubstr("keywords"), Not(HasSubstr("s3cret"))));
  EXPECT_THAT(Refused({"migrate"}, {"PGPASSWORD=s3cret"}),
              AllOf(HasSubstr("PGPASSWORD"), Not(HasSubstr("s3cret"))));
}

TEST_F(ConfigTest, RefusesASecretThatIsNotOne) {
  const auto refused = [this](const std::string& path) {
    return Refused({"migrate", "--database-password-file", path});
  };
  EXPECT_THAT(refused(File("group", "s3cret\n", 0640)), HasSubstr("chmod 600"));
  EXPECT_THAT(refused(File("world", "s3cret\n", 0604)), HasSubstr("chmod 600"));
  EXPECT_THAT(refused(File("empty", "\n")), HasSubstr("empty"));
  EXPECT_THAT(refused(File("lines", "s3cret\nmore\n")), HasSubstr("more than one line"));
  EXPECT_THAT(refused(File("long", std::string(5000, 'x'))), HasSubstr("4096"));
  EXPECT_THAT(refused("/does/not/exist"), HasSubstr("cannot be opened"));
  EXPECT_THAT(refused("/tmp"), HasSubstr("is not a file"));
}

TEST_F(ConfigTest, TellsAllProblemsAtOnce) {
  EXPECT_THAT(Refused({"serve", "--listen", "0.0.0.0:1"}, {"VEILLE_A=1", "VEILLE_B=2"}),
              AllOf(HasSubstr("VEILLE_A"), HasSubstr("VEILLE_B"), HasSubstr("--listen"),
                    HasSubstr("--insecure-loopback")));
}

TEST_F(ConfigTest, HelpAndVersionAreNoErrors) {
  const Exit help = std::get<Exit>(Parse(service_, {"serve", "--help"}, {}));
  EXPECT_EQ(help.code, 0);
  EXPECT_THAT(help.text, AllOf(HasSubstr("--registry-address"), HasSubstr("migrate"),
                               HasSubstr("127.0.0.1:7002"), HasSubstr("VEILLE_DRAIN_TIMEOUT")));
  const Exit version = std::get<Exit>(Parse(service_, {"--version"}, {}));
  EXPECT_EQ(version.code, 0);
  EXPECT_THAT(version.text, ::testing::MatchesRegex("veille-call-tracking [0-9.]+\n"));
}

TEST_F(ConfigTest, ParseOrExitPrintsToStandardErrorAndExits2) {
  std::string program = "x";
  std::string command = "serve";
  std::string flag = "--nonsense";
  char* argv[] = {program.data(), command.data(), flag.data(), nullptr};
  EXPECT_EXIT(ParseOrExit(service_, 3, argv), ::testing::ExitedWithCode(2), "--nonsense");
}

}  // namespace
}  // namespace veille::config
