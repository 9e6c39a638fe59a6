// Prints the pgbench script of referrals that are created, delivered and receipted
// (delivery_script.h).
//
//   delivery_pgbench LANDLORD BATCH PARTNERS

#include <cstdio>
#include <cstdlib>

#include "bench/delivery_script.h"

int main(int argc, char** argv) {
  using namespace veille;
  const auto landlord = ids::LandlordId::Parse(argc == 4 ? argv[1] : "");
  if (!landlord.has_value() || std::atoi(argv[2]) < 1 || std::atoi(argv[3]) < 1) return 2;
  std::fputs(bench::DeliveryScript({*landlord, std::atoi(argv[2]), std::atoi(argv[3])}).c_str(),
             stdout);
  return 0;
}
