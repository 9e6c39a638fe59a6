#pragma once

// The options of a service binary: flags over environment over a file.
//
//   veille-call-tracking serve --listen 127.0.0.1:7002     the flag --listen
//   VEILLE_LISTEN=127.0.0.1:7002                           the same in the environment
//   listen = "127.0.0.1:7002"                              the same in the TOML file of --config
//
// What is not known is refused, wherever it stands: an option with a typing error must not leave a
// service running with a default. (VEILLE_TEST_… belongs to the tests and is left alone.) Secrets
// come from files only. Bad input is told in full, and the process ends with code 2.

#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/time/time.h"
#include "common/config/limit_options.h"
#include "common/config/security_options.h"
#include "common/db/database.h"
#include "common/telemetry/log.h"

namespace veille::config {

// Another service that this one calls.
struct Peer {
  std::string flag;  // "registry-address", without dashes
  std::string about;
  std::string default_address;
};

// A length of time that is a service's own, such as that of a lease.
struct DurationOption {
  std::string flag;  // "lease-duration", without dashes
  std::string about;
  std::string default_value;  // "20m"
  absl::Duration least;
  absl::Duration most;
};

// A file that is a service's own, such as another authority.
struct FileOption {
  std::string flag;  // "partner-authority", without dashes
  std::string about;
};

// Something that is a service's own to turn on.
struct SwitchOption {
  std::string flag;  // "single-calls", without dashes
  std::string about;
};

// A text that is a service's own, such as a list of networks.
struct TextOption {
  std::string flag;  // "partner-networks", without dashes
  std::string about;
  std::string default_value;
  std::string type_name;  // "CIDR,…", in --help
};

struct ServiceDescription {
  std::string name;   // "call-tracking": the binary is veille-call-tracking
  std::string about;  // one sentence
  std::string default_listen;
  std::vector<Peer> peers;
  std::vector<DurationOption> durations = {};
  std::vector<SwitchOption> switches = {};
  std::vector<FileOption> files = {};
  std::vector<TextOption> texts = {};
};

struct ServiceConfig {
  enum class Command { kServe, kMigrate, kHealth };

  Command command = Command::kServe;
  std::string listen;  // what `serve` listens on (port 0: any free one) and what `health` asks
  db::DatabaseOptions database;
  std::string service_role;                         // that `migrate` lets serve
  std::map<std::string, std::string> peers;         // by flag; the default where none was given
  std::map<std::string, absl::Duration> durations;  // the same
  std::map<std::string, bool> switches;             // by flag; off where none was given
  std::map<std::string, std::string> files;         // by flag; empty where none was given
  std::map<std::string, std::string> texts;         // by flag; the default where none was given
  int max_in_flight = 1024;
  absl::Duration drain_timeout = absl::Seconds(20);
  absl::Duration figures_interval = absl::Seconds(15);
  log::Level log_level = log::Level::kInfo;
  SecurityOptions security;
  LimitOptions limits;
  std::string admin_listen;  // of /metrics, /livez and /readyz; empty: there are none
  bool admin_beyond_loopback = false;
};

// Of all binaries: "0.1.0".
std::string_view ProgramVersion();

// The process is done: `text` goes to standard output with code 0 (--help, --version), else to
// standard error.
struct Exit {
  int code = 0;
  std::string text;
};

// `arguments` without the program's name; `environment` as "NAME=value".
std::variant<ServiceConfig, Exit> Parse(const ServiceDescription& service,
                                        const std::vector<std::string>& arguments,
                                        const std::vector<std::string>& environment);

// Prints and ends the process for an `Exit`. Called by main before threads start.
ServiceConfig ParseOrExit(const ServiceDescription& service, int argc, char** argv);

}  // namespace veille::config
