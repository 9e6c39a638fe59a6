#pragma once

// An import from its file to its totals.
//
// Its request id is made from what is imported (the file's hash and everything that changes how it
// is read), so that the same command, run again after a crash, continues where the service stands.
// When the import of that id has ended, the next id in a fixed row is taken: importing the same
// file again really imports it again.

#include <cstdint>
#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "veille/registry/v1/registry_service.pb.h"
#include "veillectl/client/connection.h"
#include "veillectl/register/import_progress.h"
#include "veillectl/register/refused_rows.h"
#include "veillectl/register/register_file.h"
#include "veillectl/register/upload.h"
#include "veillectl/register/verdict_file.h"

namespace veille::veillectl {

class ImportRun final : private RegisterUpload::Listener {
 public:
  struct Plan {
    bool dry_run = false;
    bool complete = false;
    std::optional<common::v1::Date> reference_date;
    std::string request_id;  // empty: made from what is imported
    std::string scope;       // what else makes the request id: the landlord, the mapping
  };

  // Who else hears of the rows; each may be null.
  struct Watchers {
    ImportProgress* progress = nullptr;
    VerdictFile* verdicts = nullptr;
  };

  // Everything outlives the run.
  ImportRun(const Connection& registry, const RegisterFile& file, Plan plan, Watchers watchers);

  absl::StatusOr<registry::v1::ImportTotals> Run();

  // Also when it failed: a file of which no row could be taken has only refusals.
  const RefusedRows& refused() const { return refused_; }
  const std::vector<std::string>& warnings() const { return warnings_; }  // the first ones
  // How many rows an earlier, interrupted run had stored.
  int64_t resumed_rows() const { return resumed_rows_; }

 private:
  void OnVerdicts(int64_t first_row, const RegisterUpload::Verdicts& verdicts,
                  bool recalled) override;
  void OnRestart() override;

  registry::v1::ImportHeader Header() const;
  std::string MakeRequestId(int attempt) const;

  const Connection& registry_;
  const RegisterFile& file_;
  const Plan plan_;
  const Watchers watchers_;
  RefusedRows refused_;
  std::vector<std::string> warnings_;
  int64_t resumed_rows_ = 0;
};

}  // namespace veille::veillectl
