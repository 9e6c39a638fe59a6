// Looks tenants up by name in the real registry, one search after the other, as coordinators do
// with somebody on the line. Reads what is typed from standard input, a line each, and prints one
// JSON line with the lengths of the searches. One that is not OK, or finds nobody, ends it with
// code 1.
//
//   find_load ADDRESS LANDLORD < names

#include <grpcpp/client_context.h>

#include <cstdio>
#include <iostream>
#include <string>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "bench/lengths.h"
#include "common/rpc/client.h"
#include "common/rpc/server.h"
#include "veille/registry/v1/registry_service.grpc.pb.h"

namespace veille::bench {
namespace {

namespace pb = ::veille::registry::v1;

constexpr int kPageSize = 20;  // a screen

// How long it took; negative when nobody was found.
absl::Duration Search(pb::RegistryService::Stub& stub, const rpc::Peer& coordinator,
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
    return -absl::InfiniteDuration();
  }
  if (response.households().empty()) {
    std::fprintf(stderr, "FindHouseholds found nobody\n");
    return -absl::InfiniteDuration();
  }
  return absl::Now() - begin;
}

int Main(int argc, char** argv) {
  const auto landlord = ids::LandlordId::Parse(argc == 3 ? argv[2] : "");
  if (!landlord.has_value()) {
    std::fprintf(stderr, "usage: find_load ADDRESS LANDLORD < names\n");
    return 2;
  }
  rpc::PrepareProcess();
  const rpc::Peer service({argv[1]}, "find_load");
  const rpc::Peer coordinator(service.channel(), "coordinator", "bench");
  const auto stub = pb::RegistryService::NewStub(service.channel());
  Lengths lengths;
  for (std::string name; std::getline(std::cin, name);) {
    const absl::Duration length = Search(*stub, coordinator, *landlord, name);
    if (length < absl::ZeroDuration()) return 1;
    lengths.Add(length);
  }
  if (lengths.size() == 0) return 1;
  std::printf("{\"searches\": %zu, %s}\n", lengths.size(), lengths.Fields().c_str());
  return 0;
}

}  // namespace
}  // namespace veille::bench

int main(int argc, char** argv) { return veille::bench::Main(argc, argv); }
