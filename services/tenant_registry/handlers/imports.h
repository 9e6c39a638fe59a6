#pragma once

#include "absl/status/status.h"
#include "common/async/task.h"
#include "common/rpc/stream.h"
#include "tenant_registry/request_context.h"
#include "veille/registry/v1/registry_service.pb.h"

namespace veille::tenant_registry::handlers {

namespace pb = ::veille::registry::v1;

// Chunk by chunk, each in one transaction, answered after its commit.
async::Task<absl::Status> ImportHouseholds(RequestContext& context,
                                           rpc::StreamReader<pb::ImportHouseholdsRequest>& reader,
                                           rpc::StreamWriter<pb::ImportHouseholdsResponse>& writer);

}  // namespace veille::tenant_registry::handlers
