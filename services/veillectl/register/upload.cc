#include "veillectl/register/upload.h"

#include <utility>

#include "absl/time/clock.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "veillectl/client/failure.h"

namespace veille::veillectl {
namespace {

namespace pb = ::veille::registry::v1;
using common::v1::ErrorReason;

constexpr int kRowsOfAChunk = 2000;
constexpr size_t kBytesOfAChunk = 1 << 20;  // then it ends; a row has 0.2 MB at most
// How many chunks are under way: the service works on one while the next is on its way.
constexpr int kMostUnanswered = 3;
constexpr absl::Duration kPauseBetweenStreams = absl::Milliseconds(100);

// The import of this request_id was overtaken; one that merely waits for another says when to
// retry.
bool IsOver(const absl::Status& status) {
  return errors::ReasonOf(status) == ErrorReason::ERROR_REASON_IMPORT_CONFLICT &&
         !RetryDelayOf(status).has_value();
}

}  // namespace

RegisterUpload::RegisterUpload(const Connection& registry, pb::ImportHeader header,
                               const RegisterFile& file, WhenDone when_done, Listener& listener)
    : registry_(registry),
      header_(std::move(header)),
      file_(file),
      when_done_(when_done),
      listener_(listener) {}

absl::StatusOr<pb::ImportTotals> RegisterUpload::Run() {
  last_answer_ = absl::Now();
  while (true) {
    absl::StatusOr<pb::ImportTotals> totals = TryOnce();
    if (totals.ok() || spent_ || !WorthRepeating(totals.status()) ||
        absl::Now() - last_answer_ > registry_.timeout()) {
      return totals;
    }
    registry_.WaitUntilReachable(registry_.timeout());
    absl::SleepFor(kPauseBetweenStreams);
  }
}

absl::StatusOr<pb::ImportTotals> RegisterUpload::TryOnce() {
  while (true) {
    int64_t stored = 0;
    {
      UploadStream stream(registry_);
      ASSIGN_OR_RETURN(const pb::ImportAccepted accepted, Begin(stream, header_));
      stored = accepted.resume_after_rows();
      if (stored < judged_) {
        judged_ = 0;
        listener_.OnRestart();
      }
      if (stored == judged_) {
        RETURN_IF_ERROR(SendRows(stream, accepted.resume_after_chunk(), file_.row_count(),
                                 /*recalled=*/false));
        return Finish(stream);
      }
    }
    RETURN_IF_ERROR(Recall(stored));
  }
}

absl::StatusOr<pb::ImportAccepted> RegisterUpload::Begin(UploadStream& stream,
                                                         const pb::ImportHeader& header) {
  pb::ImportHouseholdsRequest request;
  *request.mutable_header() = header;
  (void)stream.Send(request);
  const absl::StatusOr<pb::ImportHouseholdsResponse> answer = stream.Answer();
  if (!answer.ok()) {
    spent_ = !begun_ && IsOver(answer.status());
    return answer.status();
  }
  last_answer_ = absl::Now();
  const pb::ImportAccepted& accepted = answer->accepted();
  if (accepted.resume_after_rows() > file_.row_count()) {
    return absl::DataLossError("the service has more rows of this import than the file");
  }
  if (!std::exchange(begun_, true)) {
    resumed_rows_ = accepted.resume_after_rows();
    spent_ = accepted.done() && when_done_ == WhenDone::kStop;
    if (spent_) return absl::FailedPreconditionError("the import is done already");
  }
  return accepted;
}

absl::Status RegisterUpload::Recall(int64_t row_count) {
  pb::ImportHeader header = header_;
  header.set_dry_run(true);
  UploadStream stream(registry_);
  RETURN_IF_ERROR(Begin(stream, header).status());
  return SendRows(stream, /*chunk=*/0, row_count, /*recalled=*/true);
}

absl::StatusOr<pb::ImportTotals> RegisterUpload::Finish(UploadStream& stream) {
  pb::ImportHouseholdsRequest request;
  request.mutable_end()->set_row_count(file_.row_count());
  (void)stream.Send(request);
  const absl::StatusOr<pb::ImportHouseholdsResponse> answer = stream.Answer();
  if (!answer.ok()) {
    spent_ = when_done_ == WhenDone::kStop && resumed_rows_ == file_.row_count() &&
             errors::ReasonOf(answer.status()) == ErrorReason::ERROR_REASON_IMPORT_EMPTY;
    return answer.status();
  }
  if (answer->has_totals()) {  // committed: how the stream closes changes nothing
    (void)stream.End();
    return answer->totals();
  }
  return absl::DataLossError("the service answered the end of the import without totals");
}

absl::Status RegisterUpload::SendRows(UploadStream& stream, int64_t chunk, int64_t end,
                                      bool recalled) {
  RETURN_IF_ERROR(GoTo(judged_));
  int unanswered = 0;
  while (next_row_ < end) {
    RETURN_IF_ERROR(ReadChunk(end));
    chunk_.mutable_chunk()->set_chunk_number(++chunk);
    if (unanswered == kMostUnanswered) {
      RETURN_IF_ERROR(TakeVerdicts(stream, recalled));
      --unanswered;
    }
    if (!stream.Send(chunk_)) break;
    ++unanswered;
  }
  while (judged_ < end) RETURN_IF_ERROR(TakeVerdicts(stream, recalled));
  return absl::OkStatus();
}

absl::Status RegisterUpload::TakeVerdicts(UploadStream& stream, bool recalled) {
  ASSIGN_OR_RETURN(const pb::ImportHouseholdsResponse answer, stream.Answer());
  const Verdicts& verdicts = answer.chunk_result().verdicts();
  if (verdicts.empty()) return absl::DataLossError("the service answered a chunk without verdicts");
  last_answer_ = absl::Now();
  listener_.OnVerdicts(judged_, verdicts, recalled);
  judged_ += verdicts.size();
  return absl::OkStatus();
}

absl::Status RegisterUpload::ReadChunk(int64_t end) {
  pb::ImportChunk* chunk = chunk_.mutable_chunk();
  chunk->mutable_rows()->Clear();  // keeps the rows' memory
  size_t bytes = 0;
  while (next_row_ < end && chunk->rows_size() < kRowsOfAChunk && bytes < kBytesOfAChunk) {
    pb::RegisterRow* row = chunk->add_rows();
    ASSIGN_OR_RETURN(const bool more, rows_->Next(*row));
    if (!more) return absl::DataLossError("the register has fewer rows than it had");
    bytes += row->ByteSizeLong();
    ++next_row_;
  }
  return absl::OkStatus();
}

absl::Status RegisterUpload::GoTo(int64_t row) {
  if (rows_ == nullptr || next_row_ > row) {
    ASSIGN_OR_RETURN(rows_, file_.Rows());
    next_row_ = 0;
  }
  pb::RegisterRow skipped;
  for (; next_row_ < row; ++next_row_) RETURN_IF_ERROR(rows_->Next(skipped).status());
  return absl::OkStatus();
}

}  // namespace veille::veillectl
