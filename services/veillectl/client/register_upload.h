#pragma once

// Sends a register through RegistryService.ImportHouseholds, chunk by chunk, each answered after
// its commit. When the stream is cut (the service restarts, the network fails) it begins another
// with the same header and continues after the last chunk that the service has.

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "veille/registry/v1/registry_service.pb.h"
#include "veillectl/client/connection.h"

namespace veille::veillectl {

class RegisterUpload {
 public:
  using Rows = std::vector<registry::v1::RegisterRow>;
  using OnChunk = std::function<void(const registry::v1::ChunkResult&)>;

  // `header` is complete; its request_id names the import. `rows` outlives the upload. `on_chunk`
  // (may be empty) sees each answered chunk once, except those of an earlier process.
  RegisterUpload(const Connection& registry, registry::v1::ImportHeader header, const Rows& rows,
                 OnChunk on_chunk = {});

  // The totals. Gives up when nothing was answered for the connection's timeout.
  absl::StatusOr<registry::v1::ImportTotals> Run();

 private:
  class Stream;
  absl::StatusOr<registry::v1::ImportTotals> TryOnce();
  absl::Status SendChunks(Stream& stream, int64_t chunk, int64_t rows_sent);

  const Connection& registry_;
  const registry::v1::ImportHeader header_;
  const Rows& rows_;
  const OnChunk on_chunk_;
  absl::Time last_answer_;
};

}  // namespace veille::veillectl
