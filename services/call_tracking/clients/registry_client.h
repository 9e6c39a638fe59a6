#pragma once

// The registry, as call-tracking uses it. Owned by main; outlives every call. Thread-safe. Errors
// are the registry's own, with its reason; no answer is UNAVAILABLE or DEADLINE_EXCEEDED.

#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "call_tracking/domain/campaign.h"
#include "call_tracking/domain/cohort.h"
#include "common/async/executor.h"
#include "common/async/task.h"
#include "common/rpc/client.h"
#include "veille/registry/v1/registry_service.grpc.pb.h"

namespace veille::call_tracking {

class RegistryClient {
 public:
  explicit RegistryClient(const rpc::Endpoint& endpoint);

  // One drawing of a cohort, household by household in the order of their ids.
  class Drawing {
   public:
    Drawing(RegistryClient& registry, const CohortRule& rule, ids::HouseholdId after,
            const rpc::Outgoing& outgoing, async::Executor& executor);

    // The next page; nothing after the last, when all is told.
    async::Task<absl::StatusOr<std::optional<CohortPage>>> Next();

   private:
    async::Executor& executor_;  // where pages are read
    rpc::ServerStreamCall<registry::v1::SelectCohortResponse> stream_;
    bool complete_ = false;  // the counts, which end a drawing, have come
    bool ended_ = false;
  };

  async::Task<absl::StatusOr<registry::v1::BatchGetContactSheetsResponse>> BatchGetContactSheets(
      registry::v1::BatchGetContactSheetsRequest request, rpc::Outgoing outgoing);
  async::Task<absl::StatusOr<registry::v1::ReportPhoneResponse>> ReportPhone(
      registry::v1::ReportPhoneRequest request, rpc::Outgoing outgoing);
  async::Task<absl::StatusOr<registry::v1::RecordObjectionResponse>> RecordObjection(
      registry::v1::RecordObjectionRequest request, rpc::Outgoing outgoing);

 private:
  const rpc::Peer peer_;
  const std::unique_ptr<registry::v1::RegistryService::Stub> stub_;
};

}  // namespace veille::call_tracking
