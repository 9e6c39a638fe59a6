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

Result Veillectl(const Programme& programme, const std::string& landlord, Arguments arguments) {
  const auto add = [&arguments](const char* option, const std::string& value) {
    arguments.emplace_back(option);
    arguments.push_back(value);
  };
  add("--registry-address", programme.address(Service::kRegistry));
  add("--calls-address", programme.address(Service::kCalls));
  add("--referral-address", programme.address(Service::kReferral));
  if (!landlord.empty()) add("--landlord", landlord);
  return Veillectl(arguments);
}

}  // namespace veille::e2e
