// Draws a cohort from the real registry, as call-tracking does, and prints one JSON line: how many
// households were selected and left out, and how long it took. A status that is not OK ends it with
// code 1.
//
//   cohort_load ADDRESS LANDLORD MINIMUM_AGE

#include <grpcpp/client_context.h>

#include <cstdio>
#include <cstdlib>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/rpc/client.h"
#include "common/rpc/server.h"
#include "veille/registry/v1/registry_service.grpc.pb.h"

namespace veille::bench {
namespace {

namespace pb = ::veille::registry::v1;

pb::SelectCohortRequest Request(int minimum_age) {
  pb::SelectCohortRequest request;
  request.mutable_rule()->set_minimum_age(minimum_age);
  auto* date = request.mutable_rule()->mutable_reference_date();
  date->set_year(2020);
  date->set_month(3);
  date->set_day(17);
  return request;
}

int Main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: cohort_load ADDRESS LANDLORD MINIMUM_AGE\n");
    return 2;
  }
  const auto landlord = ids::LandlordId::Parse(argv[2]);
  if (!landlord.has_value()) return 2;
  rpc::PrepareProcess();
  const rpc::Peer registry({argv[1]}, "call-tracking");
  const auto stub = pb::RegistryService::NewStub(registry.channel());
  const absl::Time begin = absl::Now();
  grpc::ClientContext context;
  registry.Prepare(context, {*landlord, begin + absl::Minutes(5)});
  const auto stream = stub->SelectCohort(&context, Request(std::atoi(argv[3])));
  pb::SelectCohortResponse page;
  int64_t entries = 0, bytes = 0;
  while (stream->Read(&page)) {
    entries += page.entries_size();
    bytes += static_cast<int64_t>(page.ByteSizeLong());
  }
  const grpc::Status status = stream->Finish();
  if (!status.ok()) {
    std::fprintf(stderr, "SelectCohort: %s\n", status.error_message().c_str());
    return 1;
  }
  const pb::CohortCounts& counts = page.counts();
  std::printf(
      "{\"seconds\": %.3f, \"entries\": %lld, \"bytes\": %lld, \"selected\": %lld, "
      "\"left_out\": %lld}\n",
      absl::ToDoubleSeconds(absl::Now() - begin), static_cast<long long>(entries),
      static_cast<long long>(bytes), static_cast<long long>(counts.selected()),
      static_cast<long long>(counts.under_age() + counts.objection() + counts.no_valid_phone()));
  return counts.selected() == entries ? 0 : 1;
}

}  // namespace
}  // namespace veille::bench

int main(int argc, char** argv) { return veille::bench::Main(argc, argv); }
