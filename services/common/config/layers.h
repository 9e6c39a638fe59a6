#pragma once

// The layers below the command line: environment and file. CLI11 reads the command line and
// converts every value, wherever it comes from; it would put the file above the environment, hence
// this.

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace veille::config {

// What is wrong, one sentence each.
using Problems = std::vector<std::string>;

// Gives each option of `app` that the command line left out its value from the environment, or else
// from the file that --config (or VEILLE_CONFIG) names. Unknown names, values that do not fit and a
// file that cannot be read become problems.
void ApplyLayers(CLI::App& app, const std::vector<std::string>& environment, Problems& problems);

}  // namespace veille::config
