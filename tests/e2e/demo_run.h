#pragma once

// deploy/demo beside a test, on a PostgreSQL of its own.
//
//   DemoRun demo({"--register", path});
//   EXPECT_EQ(demo.Wait(), 0);
//   EXPECT_EQ(demo.Summary()["households_selected"], 100);

#include <sys/types.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "e2e/programme.h"
#include "testing/subprocess.h"

namespace veille::e2e {

class DemoRun {
 public:
  // Starts it with --once and --summary beside these options; what is built is not built again.
  explicit DemoRun(const std::vector<std::string>& options);
  ~DemoRun();  // ends what still runs
  DemoRun(const DemoRun&) = delete;
  DemoRun& operator=(const DemoRun&) = delete;

  // Waits until a line of its output has `text` in it; false when none comes.
  bool WaitForText(const std::string& text, absl::Duration timeout = absl::Minutes(3));
  // kill -9, to the process that the demo named when it started the service.
  void Kill(Service service);
  // The exit code, once it has ended.
  int Wait();

  // All that it told so far, errors too.
  const std::string& output() const { return output_; }
  nlohmann::json Summary() const;

 private:
  void Take(const std::string& line);

  std::string summary_;
  std::unique_ptr<testing::Subprocess> process_;
  std::string output_;
  std::vector<std::pair<std::string, pid_t>> services_;
};

// A register in the shape of deploy/samples, with one household per dwelling: most of them old
// enough, each with its own phone. `first_dwelling` makes other households of it.
void WriteRegister(const std::string& path, int households, int first_dwelling);

}  // namespace veille::e2e
