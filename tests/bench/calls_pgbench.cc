// Prints the pgbench script of one lease + record (see pair_script.h), or, for preparing the
// database, the body of the script that is followed in the calls, in hexadecimal.
//
//   calls_pgbench LANDLORD CAMPAIGN
//   calls_pgbench --script-body SCRIPT

#include <cstdio>
#include <string>

#include "absl/strings/escaping.h"
#include "bench/pair_script.h"

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  if (std::string(argv[1]) == "--script-body") {
    std::puts(absl::BytesToHexString(veille::bench::CallScriptBody(argv[2])).c_str());
    return 0;
  }
  const auto landlord = veille::ids::LandlordId::Parse(argv[1]);
  const auto campaign = veille::ids::CampaignId::Parse(argv[2]);
  if (!landlord.has_value() || !campaign.has_value()) return 2;
  std::fputs(veille::bench::PairScript({*landlord, *campaign}).c_str(), stdout);
  return 0;
}
