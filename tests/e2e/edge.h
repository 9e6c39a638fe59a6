#pragma once

// deploy/edge in front of a programme, as an installation runs it.

#include <memory>
#include <string>
#include <vector>

#include "e2e/programme.h"
#include "testing/subprocess.h"
#include "testing/temporary_folder.h"

namespace veille::e2e {

class Edge {
 public:
  // `options` add to those that reach the programme. Throws when it does not serve.
  explicit Edge(const Programme& programme, const std::vector<std::string>& options = {});
  ~Edge();
  Edge(const Edge&) = delete;
  Edge& operator=(const Edge&) = delete;

  const std::string& address() const { return address_; }
  const std::string& health_address() const { return health_address_; }
  std::string AccessLog() const;
  // Takes up certificates that have changed.
  void Reload();

 private:
  const testing::TemporaryFolder folder_;
  const std::string address_;
  const std::string health_address_;
  std::unique_ptr<testing::Subprocess> process_;
};

}  // namespace veille::e2e
