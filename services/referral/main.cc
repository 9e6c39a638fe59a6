// veille-referral: partners, referrals, deliveries and the coordinator's worklist.

#include "referral/referral_server.h"

namespace veille::referral {
namespace {

const config::ServiceDescription kDescription = {
    "referral",
    "Hands cases to partners and follows them to their end.",
    "127.0.0.1:7003",
    {{"calls-address", "address of call-tracking", "127.0.0.1:7002"}}};

std::unique_ptr<program::Parts> Build(const program::Surroundings& surroundings) {
  return std::make_unique<ReferralServer>(
      surroundings.server, surroundings.seal,
      ReferralOptions{.calls = surroundings.PeerOf("calls-address"),
                      .endpoints = {surroundings.config.security.insecure_loopback},
                      .partners = surroundings.credentials});
}

}  // namespace
}  // namespace veille::referral

int main(int argc, char** argv) {
  using namespace veille::referral;
  return veille::program::Run({kDescription, ServiceNames(), Schema(), Build}, argc, argv);
}
