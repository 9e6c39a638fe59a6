// Looks tenants up by name in the real registry, one search after the other, as coordinators do
// with somebody on the line. Reads what is typed from standard input, a line each, and prints one
// JSON line with the lengths of the searches. One that is not OK, or finds nobody, ends it with
// code 1.
//
//   find_load ADDRESS LANDLORD < names

#include <grpcpp/client_context.h>

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/rpc/client.h"
#include "common/rpc/server.h"
#include "veille/registry/v1/registry_service.grpc.pb.h"

namespace veille::bench {
namespace {

namespace pb = ::veille::registry::v1;

constexpr int kPageSize = 20;  // a screen

double Percentile(const std::vector<double>& sorted, double share) {
  return sorted[static_cast<size_t>(share * static_cast<double>(sorted.size() - 1))];
}

// Milliseconds; negative when nobody was found.
double Search(pb::RegistryService::Stub& stub, const rpc::Peer& coordinator,
              ids::LandlordId landlord, const std::string& name) {
  const absl::Time begin = absl::Now();
  grpc::ClientContext context;
  coordinator.Prepare(context, {landlord, begin + absl::Seconds(20)});
  pb::FindHouseholdsRequest request;
  request.set_name(name);
  request.set_page_size(kPageSize);
  pb::FindHouseholdsResponse response;
  const grpc::Status status = stub.FindHouseholds(&context, request, &response);
  if (!status.ok()) {
    std::fprintf(stderr, "FindHouseholds: %s\n", status.error_message().c_str());
    return -1;
  }
  if (response.households().empty()) {
    std::fprintf(stderr, "FindHouseholds found nobody\n");
    return -1;
  }
  return absl::ToDoubleMilliseconds(absl::Now() - begin);
}

int Main(int argc, char** argv) {
  const auto landlord = ids::LandlordId::Parse(argc == 3 ? argv[2] : "");
  if (!landlord.has_value()) {
    std::fprintf(stderr, "usage: find_load ADDRESS LANDLORD < names\n");
    return 2;
  }
  rpc::PrepareProcess();
  const rpc::Peer service(argv[1], "find_load");
  const rpc::Peer coordinator(service.channel(), "coordinator", "bench");
  const auto stub = pb::RegistryService::NewStub(service.channel());
  std::vector<double> lengths;
  for (std::string name; std::getline(std::cin, name);) {
    lengths.push_back(Search(*stub, coordinator, *landlord, name));
    if (lengths.back() < 0) return 1;
  }
  if (lengths.empty()) return 1;
  std::sort(lengths.begin(), lengths.end());
  std::printf("{\"searches\": %zu, \"p50_ms\": %.2f, \"p99_ms\": %.2f, \"longest_ms\": %.2f}\n",
              lengths.size(), Percentile(lengths, 0.5), Percentile(lengths, 0.99), lengths.back());
  return 0;
}

}  // namespace
}  // namespace veille::bench

int main(int argc, char** argv) { return veille::bench::Main(argc, argv); }
