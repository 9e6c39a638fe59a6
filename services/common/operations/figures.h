#pragma once

// What a service shows of its own, beside what all services show.

#include <map>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "common/db/transaction.h"
#include "common/telemetry/metrics.h"

namespace veille::operations {

// Gauges of one reading.
class Readings {
 public:
  void Set(const metrics::Family& family, metrics::Labels labels, double value);
  void Expose(metrics::Scrape& scrape) const;

 private:
  struct Entry {
    const metrics::Family* family;  // a constant
    metrics::Labels labels;
    double value;
  };
  std::map<std::string_view, std::vector<Entry>> entries_;  // by name
};

class Figures {
 public:
  virtual ~Figures() = default;

  // What the process counts. Safe from any thread.
  virtual void Expose(metrics::Scrape& scrape) const = 0;

  // What only the database knows, over all landlords together, with statements that cost little
  // however large the tables are. Called by one thread; may be called again for one reading.
  virtual absl::Status Read(db::ReadTx& tx, Readings& readings) = 0;
};

}  // namespace veille::operations
