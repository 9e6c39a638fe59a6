#pragma once

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/ids/uuid.h"
#include "referral/domain/words.h"

namespace veille::referral {

struct Coverage {
  std::vector<std::string> communes;  // INSEE codes of cities, not of their arrondissements
  std::vector<Need> needs;
};

// Whom to telephone; an empty number: nobody.
struct PartnerContact {
  std::string role;  // a function, never a name; may be empty
  std::string phone;
};

struct PartnerDraft {
  std::string name;
  PartnerKind kind = PartnerKind::kOther;
  std::vector<Coverage> coverage;
  std::string endpoint;  // empty: told by hand
  std::string contact_phone;
  PartnerContact second_contact;
  PartnerPayload payload = PartnerPayload::kThin;
  int capacity = 0;       // 0: no limit
  bool on_trial = false;  // only of a registration
};

struct Partner {
  ids::PartnerId id;
  PartnerDraft registered;
  PartnerState state = PartnerState::kActive;
  PartnerSuspension suspension = PartnerSuspension::kNone;
  PartnerIntake intake = PartnerIntake::kOpen;
  int open_referrals = 0;
  int64_t version = 1;
  absl::Time create_time;
};

// Whether partners of this kind take this need: the register is the mayor's.
bool Takes(PartnerKind kind, Need need);
inline constexpr char kOnlyTownHalls[] =
    "is no town hall: an entry in the municipal register (NEED_MUNICIPAL_REGISTER) is for a "
    "partner "
    "of kind TOWN_HALL";

// How a partner with this endpoint hears of its referrals.
PartnerChannel ChannelOf(const std::string& endpoint);

// Who would take one need in one commune, the first choice first.
struct CoverageAnswer {
  std::string commune;
  Need need;
  std::vector<ids::PartnerId> partners;
  std::vector<ids::PartnerId> full;      // would, but have no room
  std::vector<ids::PartnerId> on_trial;  // are given nothing yet
};

// The needs of a coverage as a bit set: bit n is need n.
int NeedBits(const std::vector<Need>& needs);
std::vector<Need> NeedsOf(int bits);

}  // namespace veille::referral
