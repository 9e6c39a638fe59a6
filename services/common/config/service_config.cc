#include "common/config/service_config.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <utility>

#include "CLI/CLI.hpp"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "common/config/address.h"
#include "common/config/layers.h"
#include "common/config/secret_file.h"
#include "common/config/version.h"

namespace veille::config {
namespace {

using Command = ServiceConfig::Command;

const std::map<std::string, log::Level> kLevels = {{"debug", log::Level::kDebug},
                                                   {"info", log::Level::kInfo},
                                                   {"warning", log::Level::kWarning},
                                                   {"error", log::Level::kError}};

constexpr char kFooter[] =
    "\nEach option is also read from the environment (--drain-timeout: VEILLE_DRAIN_TIMEOUT) and "
    "from\nthe file of --config (drain-timeout = \"20s\"). A flag wins over the environment, the "
    "environment over\nthe file. What is not known is refused.\n";

// What the options are before they are checked against each other.
struct Given {
  ServiceConfig config;
  std::string file;
  std::string password_file;
  std::map<std::string, std::string> durations;  // by flag
};

// Those of every service, and its own.
std::vector<DurationOption> DurationsOf(const ServiceDescription& service) {
  std::vector<DurationOption> options = {
      {"drain-timeout", "how long SIGTERM lets running calls end", "20s", absl::ZeroDuration(),
       absl::Hours(1)},
      {"figures-interval", "how often the database is asked for the figures of /metrics", "15s",
       absl::Seconds(1), absl::Hours(1)},
      {"audit-retention", "how long events of the audit trail keep their content", "26280h",
       absl::Hours(24), absl::Hours(24) * 3660}};
  options.insert(options.end(), service.durations.begin(), service.durations.end());
  return options;
}

void DeclareDatabase(CLI::App& app, Given& given) {
  db::DatabaseOptions& database = given.config.database;
  app.add_option("--database", database.connection,
                 "libpq keywords, e.g. \"host=/run/postgresql dbname=veille_referral\"")
      ->type_name("KEYWORDS")
      ->capture_default_str();
  app.add_option("--database-password-file", given.password_file,
                 "file (mode 0600) with the database's password")
      ->type_name("FILE");
  app.add_option("--service-role", given.config.service_role,
                 "database role that serves: `migrate`, as the owner, gives it its rights")
      ->type_name("NAME")
      ->capture_default_str();
  app.add_option("--database-lanes", database.lanes, "connections to the database")
      ->type_name("COUNT")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
}

void Declare(CLI::App& app, const ServiceDescription& service, Given& given) {
  ServiceConfig& config = given.config;
  app.add_option("--config", given.file, "TOML file with options")->type_name("FILE");
  app.add_option("--listen", config.listen, "address of the service; port 0 takes a free one")
      ->type_name("ADDRESS")
      ->capture_default_str();
  DeclareSecurity(app, config.security);
  DeclareDatabase(app, given);
  for (const Peer& peer : service.peers) {
    app.add_option("--" + peer.flag, config.peers[peer.flag], peer.about)
        ->type_name("ADDRESS")
        ->capture_default_str();
  }
  for (const DurationOption& duration : DurationsOf(service)) {
    std::string& value = given.durations[duration.flag];
    value = duration.default_value;
    app.add_option("--" + duration.flag, value, duration.about)
        ->type_name("DURATION")
        ->capture_default_str();
  }
  for (const SwitchOption& option : service.switches) {
    app.add_flag("--" + option.flag, config.switches[option.flag], option.about);
  }
  for (const FileOption& file : service.files) {
    app.add_option("--" + file.flag, config.files[file.flag], file.about)->type_name("FILE");
  }
  for (const TextOption& text : service.texts) {
    std::string& value = config.texts[text.flag];
    value = text.default_value;
    app.add_option("--" + text.flag, value, text.about)
        ->type_name(text.type_name)
        ->capture_default_str();
  }
  app.add_option("--max-in-flight", config.max_in_flight, "calls at once; more are told to retry")
      ->type_name("COUNT")
      ->check(CLI::Range(1, 1000000))
      ->capture_default_str();
  DeclareLimits(app, config.limits);
  app.add_option("--admin-listen", config.admin_listen,
                 "address of /metrics, /livez and /readyz; empty: there are none")
      ->type_name("ADDRESS")
      ->capture_default_str();
  app.add_flag("--admin-beyond-loopback", config.admin_beyond_loopback,
               "the admin address may be reached from other machines");
  app.add_option("--log-level", config.log_level, "debug, info, warning or error (info)")
      ->type_name("LEVEL")
      ->transform(CLI::Transformer(kLevels, CLI::ignore_case).description(""));
}

void CheckDatabase(Given& given, const std::vector<std::string>& environment, Problems& problems) {
  db::DatabaseOptions& database = given.config.database;
  if (absl::StrContains(absl::AsciiStrToLower(database.connection), "password")) {
    problems.push_back(
        "--database must not hold a password: it would stand in process lists and logs; put the "
        "password in a file of mode 0600 and name it with --database-password-file");
  } else if (absl::StrContains(database.connection, "://")) {
    problems.push_back("--database takes libpq keywords (host=… dbname=…), not a URL");
  }
  for (const std::string& entry : environment) {
    if (!absl::StartsWith(entry, "PGPASSWORD=")) continue;
    problems.push_back(
        "PGPASSWORD is set: a password in the environment is seen by every child; unset it and use "
        "--database-password-file");
  }
  if (given.password_file.empty() || given.config.command == Command::kHealth) return;
  absl::StatusOr<std::string> password = ReadSecretFile(given.password_file);
  if (password.ok()) {
    database.password = *std::move(password);
  } else {
    problems.push_back("--database-password-file: " + std::string(password.status().message()));
  }
}

void CheckAddresses(const ServiceConfig& config, Problems& problems) {
  if (config.command == Command::kMigrate) return;
  const bool tls = config.security.tls();
  const auto check = [&problems, tls](const std::string& option, const std::string& address) {
    const absl::Status status =
        tls ? CheckAddress(option, address) : CheckLoopback(option, address);
    if (!status.ok()) problems.emplace_back(status.message());
  };
  check("--listen", config.listen);
  if (config.command == Command::kHealth) {
    if (PortOf(config.listen) == 0) problems.push_back("health: --listen needs the real port");
    return;
  }
  for (const auto& [flag, address] : config.peers) check("--" + flag, address);
  if (!config.admin_listen.empty()) {
    const absl::Status admin = CheckAdminAddress(config.admin_listen, config.admin_beyond_loopback);
    if (!admin.ok()) problems.emplace_back(admin.message());
  }
  CheckSecurity(config.security, problems);
}

void CheckTimes(const ServiceDescription& service, Given& given, Problems& problems) {
  for (const DurationOption& option : DurationsOf(service)) {
    absl::Duration& value = given.config.durations[option.flag];
    if (!absl::ParseDuration(given.durations.at(option.flag), &value) || value < option.least ||
        value > option.most) {
      problems.push_back("--" + option.flag + ": a duration between " +
                         absl::FormatDuration(option.least) + " and " +
                         absl::FormatDuration(option.most) + ", e.g. " + option.default_value);
    }
  }
  given.config.drain_timeout = given.config.durations["drain-timeout"];
  given.config.figures_interval = given.config.durations["figures-interval"];
}

Exit Refuse(const std::string& program, const Problems& problems) {
  return {2, absl::StrJoin(problems, "", [&program](std::string* out, const std::string& problem) {
            out->append(program + ": " + problem + "\n");
          })};
}

// The command line alone. What was asked for instead of a command (--help), or what is wrong with
// it.
std::optional<Exit> ReadCommandLine(CLI::App& app, std::vector<std::string> arguments) {
  try {
    std::reverse(arguments.begin(), arguments.end());  // CLI11 takes them from the back
    app.parse(std::move(arguments));
  } catch (const CLI::CallForHelp&) {
    // Of the program even after a command: the options are the program's.
    return Exit{0,
                app.get_formatter()->make_help(&app, app.get_name(), CLI::AppFormatMode::Normal)};
  } catch (const CLI::CallForVersion& version) {
    return Exit{0, std::string(version.what()) + "\n"};
  } catch (const CLI::ParseError& error) {
    return Refuse(app.get_name(), {std::string(error.what()) + " (see --help)"});
  }
  return std::nullopt;
}

}  // namespace

std::string_view ProgramVersion() { return kVersion; }

std::variant<ServiceConfig, Exit> Parse(const ServiceDescription& service,
                                        const std::vector<std::string>& arguments,
                                        const std::vector<std::string>& environment) {
  Given given;
  given.config.listen = service.default_listen;
  given.config.service_role = "veille_" + absl::StrReplaceAll(service.name, {{"-", "_"}});
  given.config.database.connection = "dbname=" + given.config.service_role;
  for (const Peer& peer : service.peers) given.config.peers[peer.flag] = peer.default_address;

  const std::string program = "veille-" + service.name;
  CLI::App app(service.about, program);
  app.set_version_flag("--version", program + " " + std::string(kVersion));
  app.footer(kFooter);
  app.require_subcommand(1);
  Declare(app, service, given);
  const std::map<Command, CLI::App*> commands = {
      {Command::kServe, app.add_subcommand("serve", "answer calls until SIGTERM")},
      {Command::kMigrate, app.add_subcommand("migrate", "bring the database to this schema")},
      {Command::kHealth, app.add_subcommand("health", "exit 0 if the service at --listen serves")}};
  for (const auto& [command, subcommand] : commands) {
    subcommand->fallthrough();  // options may stand before and after the command
    subcommand->set_help_flag();
  }

  if (std::optional<Exit> exit = ReadCommandLine(app, arguments)) return *std::move(exit);
  for (const auto& [command, subcommand] : commands) {
    if (subcommand->parsed()) given.config.command = command;
  }
  Problems problems;
  ApplyLayers(app, environment, problems);
  CheckDatabase(given, environment, problems);
  CheckAddresses(given.config, problems);
  CheckTimes(service, given, problems);
  if (!problems.empty()) return Refuse(program, problems);
  return given.config;
}

ServiceConfig ParseOrExit(const ServiceDescription& service, int argc, char** argv) {
  std::vector<std::string> environment;
  for (char** entry = environ; *entry != nullptr; ++entry) environment.emplace_back(*entry);
  auto parsed = Parse(service, std::vector<std::string>(argv + 1, argv + argc), environment);
  if (const Exit* exit = std::get_if<Exit>(&parsed)) {
    (exit->code == 0 ? std::cout : std::cerr) << exit->text << std::flush;
    std::exit(exit->code);
  }
  return std::get<ServiceConfig>(std::move(parsed));
}

}  // namespace veille::config
