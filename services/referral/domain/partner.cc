#include "referral/domain/partner.h"

namespace veille::referral {

PartnerChannel ChannelOf(const PartnerDraft& registered) {
  return registered.endpoint.empty() ? PartnerChannel::kByHand : PartnerChannel::kGrpc;
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
