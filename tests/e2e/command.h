#pragma once

// veillectl as a person or a script runs it.

#include <string>
#include <vector>

#include "e2e/programme.h"

namespace veille::e2e {

using Arguments = std::vector<std::string>;

struct Result {
  int code = 0;
  std::string output;  // standard output and error
};

Result Veillectl(const Arguments& arguments);

// veillectl's own command line for a programme: for a process that a test starts itself.
Arguments VeillectlCommand(const Programme& programme, Arguments arguments);

// With what reaches a programme, and a landlord unless it is empty.
Result Veillectl(const Programme& programme, const std::string& landlord, Arguments arguments);

}  // namespace veille::e2e
