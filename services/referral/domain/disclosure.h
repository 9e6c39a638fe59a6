#pragma once

// What partners are told of a person.

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/ids/uuid.h"
#include "referral/domain/partner_case.h"
#include "referral/domain/referral.h"

namespace veille::referral {

// One item of personal data in a message: where it stands there, and its values as text.
struct DisclosedItem {
  std::string name;
  std::vector<std::string> values;
};

// What one message tells a partner of one case.
struct Telling {
  ids::LandlordId landlord;
  ids::CampaignId campaign;
  ids::ReferralId referral;
  int64_t fence = 0;  // of the partner's assignment
  std::vector<DisclosedItem> items;
};
Telling TellingOf(ids::LandlordId landlord, const PartnerCase& told,
                  std::vector<DisclosedItem> items);

// The same items, told to one partner under one assignment by one way.
struct Disclosure {
  ids::PartnerId partner;
  std::string partner_name;
  int64_t fence = 0;
  DisclosureWay way = DisclosureWay::kPush;
  absl::Time first_time;
  absl::Time last_time;
  int64_t times = 0;
  std::vector<DisclosedItem> items;  // empty for kTelephone
  std::optional<absl::Time> receive_time;
};

// What partners were told of one referral, and why.
struct DisclosedCase {
  ids::ReferralId referral;
  ids::CampaignId campaign;
  Need need = Need::kUnknown;
  SharingBasis basis;
  absl::Time create_time;
  std::optional<absl::Time> withdraw_time;
  std::vector<Disclosure> disclosures;  // in the order of their first times
  bool unreadable = false;
  bool incomplete = false;  // a partner had it before what they are told was recorded
};

}  // namespace veille::referral
