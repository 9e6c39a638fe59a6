#pragma once

// Sends a register through RegistryService.ImportHouseholds, chunk by chunk, each answered after
// its commit. When the stream is cut (the service restarts, the network fails) another begins with
// the same header and continues after the last chunk that the service has; so does another process
// that uses the same request_id.
//
// The verdicts of rows that the service took in without this process hearing of it (their answer
// was lost, or was for a process that was killed) are asked for by a dry run of those rows: which
// rows are refused depends on the rows alone, so no refusal goes unsaid.

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "google/protobuf/repeated_field.h"
#include "veille/registry/v1/registry_service.pb.h"
#include "veillectl/client/connection.h"
#include "veillectl/register/register_file.h"
#include "veillectl/register/upload_stream.h"

namespace veille::veillectl {

class RegisterUpload {
 public:
  using Verdicts = google::protobuf::RepeatedPtrField<registry::v1::RowVerdict>;

  // Hears what became of the rows, in their order, each once.
  class Listener {
   public:
    virtual ~Listener() = default;
    // Of the rows from `first_row` (from 0) on. `recalled`: they were stored before, and of their
    // verdicts only the refusals are as they were.
    virtual void OnVerdicts(int64_t first_row, const Verdicts& verdicts, bool recalled) = 0;
    // It begins with the first row again: a dry run is not continued.
    virtual void OnRestart() = 0;
  };

  enum class WhenDone {
    kTellTotals,  // an import that is done is asked for its totals
    kStop,        // it is not: see spent()
  };

  // `header` is complete; its request_id names the import. Everything outlives the upload.
  RegisterUpload(const Connection& registry, registry::v1::ImportHeader header,
                 const RegisterFile& file, WhenDone when_done, Listener& listener);

  // The totals. Gives up when nothing was answered for the connection's timeout.
  absl::StatusOr<registry::v1::ImportTotals> Run();

  // After Run failed: nothing was sent, because the import of this request_id ended before, with
  // its totals, without a row that could be taken, or overtaken by another one. A new request_id
  // imports the file again.
  bool spent() const { return spent_; }

  // How many rows an earlier process had stored.
  int64_t resumed_rows() const { return resumed_rows_; }

 private:
  absl::StatusOr<registry::v1::ImportTotals> TryOnce();
  absl::StatusOr<registry::v1::ImportAccepted> Begin(UploadStream& stream,
                                                     const registry::v1::ImportHeader& header);
  absl::Status Recall(int64_t row_count);
  absl::StatusOr<registry::v1::ImportTotals> Finish(UploadStream& stream);

  // Sends the rows before `end` that are not judged yet, as chunks after `chunk`.
  absl::Status SendRows(UploadStream& stream, int64_t chunk, int64_t end, bool recalled);
  absl::Status TakeVerdicts(UploadStream& stream, bool recalled);
  absl::Status ReadChunk(int64_t end);
  absl::Status GoTo(int64_t row);

  const Connection& registry_;
  const registry::v1::ImportHeader header_;
  const RegisterFile& file_;
  const WhenDone when_done_;
  Listener& listener_;

  std::unique_ptr<RegisterRows> rows_;
  int64_t next_row_ = 0;  // that rows_ gives
  registry::v1::ImportHouseholdsRequest chunk_;
  int64_t judged_ = 0;  // rows whose verdict the listener has
  bool begun_ = false;
  int64_t resumed_rows_ = 0;
  bool spent_ = false;
  absl::Time last_answer_;
};

}  // namespace veille::veillectl
