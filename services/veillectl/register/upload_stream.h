#pragma once

// One stream of ImportHouseholds. Messages are sent while the answers to earlier ones are still to
// come: a thread takes the answers in, so that neither side waits for the other to read.
//
// Threads: one user.

#include <grpcpp/client_context.h>
#include <grpcpp/support/sync_stream.h>

#include <deque>
#include <memory>
#include <optional>
#include <thread>

#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "veille/registry/v1/registry_service.grpc.pb.h"
#include "veillectl/client/connection.h"

namespace veille::veillectl {

class UploadStream {
 public:
  explicit UploadStream(const Connection& registry);
  // Cancels the stream unless it was ended.
  ~UploadStream();
  UploadStream(const UploadStream&) = delete;
  UploadStream& operator=(const UploadStream&) = delete;

  // False when the stream is broken; Answer says why.
  bool Send(const registry::v1::ImportHouseholdsRequest& request);

  // The next answer; waits for it, minutes at most. Errors: the service's, UNAVAILABLE when the
  // stream ended early or stands still.
  absl::StatusOr<registry::v1::ImportHouseholdsResponse> Answer();

  // Nothing more will be sent; how the service closed.
  absl::Status End();

 private:
  void TakeAnswers();
  bool HasAnswer() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return !answers_.empty() || ended_;
  }
  absl::Status Close();

  registry::v1::RegistryService::Stub stub_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReaderWriter<registry::v1::ImportHouseholdsRequest,
                                           registry::v1::ImportHouseholdsResponse>>
      stream_;
  std::optional<absl::Status> closed_;

  absl::Mutex mutex_;
  std::deque<registry::v1::ImportHouseholdsResponse> answers_ ABSL_GUARDED_BY(mutex_);
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread reader_;
};

}  // namespace veille::veillectl
