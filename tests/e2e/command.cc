#include "e2e/command.h"

#include "testing/subprocess.h"

namespace veille::e2e {

Result Veillectl(const Arguments& arguments) {
  // Through a shell, which joins the error output to the other.
  Arguments argv = {"/bin/sh", "-c", "exec \"$@\" 2>&1", "sh", Binary("veillectl")};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  testing::Subprocess process(argv);
  Result result;
  result.output = process.ReadAll();
  result.code = process.Wait(absl::Seconds(30));
  return result;
}

Arguments VeillectlCommand(const Programme& programme, Arguments arguments) {
  arguments.insert(arguments.begin(), Binary("veillectl"));
  const Arguments reach = programme.ClientOptions();
  arguments.insert(arguments.end(), reach.begin(), reach.end());
  return arguments;
}

Result Veillectl(const Programme& programme, const std::string& landlord, Arguments arguments) {
  const Arguments reach = programme.ClientOptions();
  arguments.insert(arguments.end(), reach.begin(), reach.end());
  if (!landlord.empty()) arguments.insert(arguments.end(), {"--landlord", landlord});
  return Veillectl(arguments);
}

}  // namespace veille::e2e
