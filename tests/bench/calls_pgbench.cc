// Prints what the peers of the benchmark of calls work by.
//
//   calls_pgbench LANDLORD CAMPAIGN [BATCH]   the pgbench script of a lease + record
//   (pair_script.h) calls_pgbench --statements                the same statements as JSON
//   calls_pgbench --script-body SCRIPT        for preparing the database: the body of the script
//   that
//                                             is followed in the calls, in hexadecimal

#include <cstdio>
#include <cstdlib>
#include <string>

#include "absl/strings/escaping.h"
#include "bench/pair_script.h"

int main(int argc, char** argv) {
  using namespace veille;
  const std::string first = argc > 1 ? argv[1] : "";
  if (first == "--statements" && argc == 2) {
    std::puts(bench::PairStatements().c_str());
    return 0;
  }
  if (first == "--script-body" && argc == 3) {
    std::puts(absl::BytesToHexString(bench::CallScriptBody(argv[2])).c_str());
    return 0;
  }
  if (argc < 3 || argc > 4) return 2;
  const auto landlord = ids::LandlordId::Parse(argv[1]);
  const auto campaign = ids::CampaignId::Parse(argv[2]);
  const int batch = argc == 4 ? std::atoi(argv[3]) : 1;
  if (!landlord.has_value() || !campaign.has_value() || batch < 1) return 2;
  std::fputs(bench::PairScript({*landlord, *campaign, false, batch}).c_str(), stdout);
  return 0;
}
