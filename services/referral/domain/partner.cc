#include "referral/domain/partner.h"

#include "absl/strings/match.h"

namespace veille::referral {

PartnerChannel ChannelOf(const std::string& endpoint) {
  if (endpoint.empty()) return PartnerChannel::kByHand;
  return absl::StartsWithIgnoreCase(endpoint, "https://") ? PartnerChannel::kWebhook
                                                          : PartnerChannel::kGrpc;
}

bool Takes(PartnerKind kind, Need need) {
  return need != Need::kMunicipalRegister || kind == PartnerKind::kTownHall;
}

int NeedBits(const std::vector<Need>& needs) {
  int bits = 0;
  for (const Need need : needs) bits |= 1 << static_cast<int>(need);
  return bits;
}

std::vector<Need> NeedsOf(int bits) {
  std::vector<Need> needs;
  for (int need = 1; need <= kNeeds; ++need) {
    if ((bits >> need & 1) == 1) needs.push_back(static_cast<Need>(need));
  }
  return needs;
}

}  // namespace veille::referral
