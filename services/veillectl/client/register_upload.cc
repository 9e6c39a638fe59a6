#include "veillectl/client/register_upload.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/time/clock.h"
#include "common/status/macros.h"
#include "veille/registry/v1/registry_service.grpc.pb.h"
#include "veillectl/client/failure.h"

namespace veille::veillectl {
namespace {

namespace pb = ::veille::registry::v1;

constexpr int64_t kRowsOfAChunk = 500;
constexpr absl::Duration kLongestStream = absl::Hours(3);
constexpr absl::Duration kPauseBetweenStreams = absl::Milliseconds(100);

bool WorthAnotherStream(const absl::Status& status) {
  return absl::IsUnavailable(status) || ExitCodeOf(status) == kUnreachable;
}

}  // namespace

// One stream: each message sent is answered by one.
class RegisterUpload::Stream {
 public:
  explicit Stream(const Connection& registry) : stub_(registry.channel()) {
    registry.Prepare(context_, kLongestStream);
    stream_ = stub_.ImportHouseholds(&context_);
  }
  ~Stream() {
    if (stream_ == nullptr) return;
    context_.TryCancel();
    (void)stream_->Finish();
  }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  absl::StatusOr<pb::ImportHouseholdsResponse> Ask(const pb::ImportHouseholdsRequest& request) {
    pb::ImportHouseholdsResponse response;
    if (stream_->Write(request) && stream_->Read(&response)) return response;
    const grpc::Status status = std::exchange(stream_, nullptr)->Finish();
    if (status.ok()) return absl::UnavailableError("the import stream ended early");
    return rpc::FromGrpc(status);
  }

  absl::Status End() {
    stream_->WritesDone();
    return rpc::FromGrpc(std::exchange(stream_, nullptr)->Finish());
  }

 private:
  pb::RegistryService::Stub stub_;
  grpc::ClientContext context_;
  std::unique_ptr<
      grpc::ClientReaderWriter<pb::ImportHouseholdsRequest, pb::ImportHouseholdsResponse>>
      stream_;
};

RegisterUpload::RegisterUpload(const Connection& registry, pb::ImportHeader header,
                               const Rows& rows, OnChunk on_chunk)
    : registry_(registry),
      header_(std::move(header)),
      rows_(rows),
      on_chunk_(std::move(on_chunk)) {}

absl::StatusOr<pb::ImportTotals> RegisterUpload::Run() {
  last_answer_ = absl::Now();
  while (true) {
    absl::StatusOr<pb::ImportTotals> totals = TryOnce();
    if (totals.ok() || !WorthAnotherStream(totals.status()) ||
        absl::Now() - last_answer_ > registry_.timeout()) {
      return totals;
    }
    registry_.WaitUntilReachable(registry_.timeout());
    absl::SleepFor(kPauseBetweenStreams);
  }
}

absl::StatusOr<pb::ImportTotals> RegisterUpload::TryOnce() {
  Stream stream(registry_);
  pb::ImportHouseholdsRequest request;
  *request.mutable_header() = header_;
  ASSIGN_OR_RETURN(const pb::ImportHouseholdsResponse accepted, stream.Ask(request));
  if (accepted.has_totals()) return accepted.totals();  // done by an earlier stream
  RETURN_IF_ERROR(SendChunks(stream, accepted.accepted().resume_after_chunk(),
                             accepted.accepted().resume_after_rows()));
  request.mutable_end()->set_row_count(static_cast<int64_t>(rows_.size()));
  ASSIGN_OR_RETURN(const pb::ImportHouseholdsResponse end, stream.Ask(request));
  const absl::Status closed = stream.End();
  if (end.has_totals()) return end.totals();  // committed: how the stream closes changes nothing
  RETURN_IF_ERROR(closed);
  return absl::InternalError("the service answered the end of the import without totals");
}

absl::Status RegisterUpload::SendChunks(Stream& stream, int64_t chunk, int64_t rows_sent) {
  const auto size = static_cast<int64_t>(rows_.size());
  while (rows_sent < size) {
    pb::ImportHouseholdsRequest request;
    request.mutable_chunk()->set_chunk_number(++chunk);
    const int64_t end = std::min(size, rows_sent + kRowsOfAChunk);
    request.mutable_chunk()->mutable_rows()->Assign(rows_.begin() + rows_sent, rows_.begin() + end);
    ASSIGN_OR_RETURN(const pb::ImportHouseholdsResponse answer, stream.Ask(request));
    last_answer_ = absl::Now();
    if (on_chunk_) on_chunk_(answer.chunk_result());
    rows_sent = end;
  }
  return absl::OkStatus();
}

}  // namespace veille::veillectl
