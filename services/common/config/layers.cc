#include "common/config/layers.h"

#include <fstream>
#include <map>

#include "CLI/CLI.hpp"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"

namespace veille::config {
namespace {

constexpr char kPrefix[] = "VEILLE_";
constexpr char kPrefixOfTests[] = "VEILLE_TEST_";

// database-password-file → VEILLE_DATABASE_PASSWORD_FILE
std::string VariableOf(const std::string& option) {
  return kPrefix + absl::AsciiStrToUpper(absl::StrReplaceAll(option, {{"-", "_"}}));
}

std::map<std::string, CLI::Option*> OptionsOf(CLI::App& app) {
  std::map<std::string, CLI::Option*> options;
  for (CLI::Option* option : app.get_options()) {
    if (option == app.get_help_ptr() || option == app.get_version_ptr()) continue;
    options[option->get_single_name()] = option;
  }
  return options;
}

// `source` says where the value stands; the value itself is not repeated: it may be a mistaken
// secret.
void Give(CLI::Option* option, const std::string& value, const std::string& source,
          Problems& problems) {
  try {
    option->clear();
    option->add_result(value);
    option->run_callback();
  } catch (const CLI::Error&) {
    option->clear();
    problems.push_back(source + " is not a value of --" + option->get_single_name() +
                       " (see --help)");
  }
}

void ReadEnvironment(const std::vector<std::string>& environment,
                     const std::map<std::string, CLI::Option*>& options, Problems& problems) {
  std::map<std::string, CLI::Option*> variables;
  for (const auto& [name, option] : options) variables[VariableOf(name)] = option;
  for (const std::string& entry : environment) {
    const std::string variable = entry.substr(0, entry.find('='));
    if (!absl::StartsWith(variable, kPrefix) || absl::StartsWith(variable, kPrefixOfTests))
      continue;
    const auto found = variables.find(variable);
    if (found == variables.end()) {
      problems.push_back("the environment variable " + variable +
                         " is not known: unset it, or see --help for its name");
    } else if (found->second->count() == 0) {
      Give(found->second, entry.substr(std::min(entry.size(), variable.size() + 1)),
           "the environment variable " + variable, problems);
    }
  }
}

void ReadFile(const std::string& path, const std::map<std::string, CLI::Option*>& options,
              Problems& problems) {
  std::ifstream file(path);
  if (!file) {
    problems.push_back("the file " + path + " of --config cannot be read");
    return;
  }
  std::map<std::string, bool> seen;
  std::vector<std::pair<CLI::Option*, std::string>> values;
  for (const CLI::ConfigItem& item : CLI::ConfigTOML().from_config(file)) {
    const std::string where = "'" + item.fullname() + "' in " + path;
    const auto found = options.find(item.name);
    if (!item.parents.empty() || found == options.end() || item.name == "config") {
      problems.push_back(where + " is not known: remove it, or see --help for its name");
    } else if (item.inputs.size() != 1 || !seen.emplace(item.name, true).second) {
      problems.push_back(where + " has more than one value: write it once, text in quotes");
    } else if (absl::StartsWith(item.inputs[0], "\"") || absl::StartsWith(item.inputs[0], "'")) {
      problems.push_back(where +
                         " has a quote that is not closed (a # begins a comment even in it)");
    } else {
      values.emplace_back(found->second, item.inputs[0]);
    }
  }
  for (const auto& [option, value] : values) {
    if (option->count() > 0) continue;  // the command line or the environment says it
    Give(option, value, "'" + option->get_single_name() + "' in " + path, problems);
  }
}

}  // namespace

void ApplyLayers(CLI::App& app, const std::vector<std::string>& environment, Problems& problems) {
  const std::map<std::string, CLI::Option*> options = OptionsOf(app);
  ReadEnvironment(environment, options, problems);
  const CLI::Option* config = options.at("config");
  if (config->count() > 0) ReadFile(config->as<std::string>(), options, problems);
}

}  // namespace veille::config
