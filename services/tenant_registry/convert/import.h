#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "tenant_registry/domain/import.h"
#include "tenant_registry/domain/register_row.h"
#include "veille/registry/v1/registry_service.pb.h"

namespace veille::tenant_registry {

namespace pb = ::veille::registry::v1;

absl::StatusOr<ImportHeader> FromProto(const pb::ImportHeader& header);

// A chunk whose envelope is in order: its rows may still be refused, one by one.
absl::Status CheckChunk(const pb::ImportChunk& chunk);
RawRow FromProto(const pb::RegisterRow& row);

// The row count of the end.
absl::StatusOr<int64_t> FromProto(const pb::ImportEnd& end);

// What was expected instead of the message that came.
absl::Status UnexpectedMessage(const pb::ImportHouseholdsRequest& request, bool header_came);

pb::ImportHouseholdsResponse Accepted(ImportId id, int64_t chunks, int64_t rows, bool done);
pb::ImportHouseholdsResponse ToProto(int64_t chunk_number, const std::vector<RowVerdict>& verdicts);
pb::ImportHouseholdsResponse ToProto(const ImportTotals& totals);

}  // namespace veille::tenant_registry
