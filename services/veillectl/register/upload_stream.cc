#include "veillectl/register/upload_stream.h"

#include <utility>

#include "common/rpc/status.h"

namespace veille::veillectl {
namespace {

namespace pb = ::veille::registry::v1;

// For a register of the largest landlord on a busy day.
constexpr absl::Duration kLongestStream = absl::Hours(6);
// Longer than a chunk and the end of a large import take: a service that hangs.
constexpr absl::Duration kLongestSilence = absl::Minutes(5);

}  // namespace

UploadStream::UploadStream(const Connection& registry) : stub_(registry.channel()) {
  registry.Prepare(context_, kLongestStream);
  stream_ = stub_.ImportHouseholds(&context_);
  reader_ = std::thread([this] { TakeAnswers(); });
}

UploadStream::~UploadStream() {
  if (!closed_.has_value()) {
    context_.TryCancel();
    (void)Close();
  }
}

void UploadStream::TakeAnswers() {
  pb::ImportHouseholdsResponse answer;
  while (stream_->Read(&answer)) {
    const absl::MutexLock lock(&mutex_);
    answers_.push_back(std::move(answer));
    answer.Clear();
  }
  const absl::MutexLock lock(&mutex_);
  ended_ = true;
}

bool UploadStream::Send(const pb::ImportHouseholdsRequest& request) {
  return !closed_.has_value() && stream_->Write(request);
}

absl::StatusOr<pb::ImportHouseholdsResponse> UploadStream::Answer() {
  {
    const absl::MutexLock lock(&mutex_);
    if (!mutex_.AwaitWithTimeout(absl::Condition(this, &UploadStream::HasAnswer),
                                 kLongestSilence)) {
      context_.TryCancel();
      return absl::UnavailableError("the service does not answer any more");
    }
    if (!answers_.empty()) {
      pb::ImportHouseholdsResponse answer = std::move(answers_.front());
      answers_.pop_front();
      return answer;
    }
  }
  const absl::Status status = Close();
  return status.ok() ? absl::UnavailableError("the import stream ended early") : status;
}

absl::Status UploadStream::End() {
  if (!closed_.has_value()) stream_->WritesDone();
  return Close();
}

absl::Status UploadStream::Close() {
  if (closed_.has_value()) return *closed_;
  reader_.join();
  closed_ = rpc::FromGrpc(stream_->Finish());
  return *closed_;
}

}  // namespace veille::veillectl
