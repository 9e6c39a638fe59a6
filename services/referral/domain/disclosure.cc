#include "referral/domain/disclosure.h"

#include <utility>

namespace veille::referral {

Telling TellingOf(ids::LandlordId landlord, const PartnerCase& told,
                  std::vector<DisclosedItem> items) {
  return {.landlord = landlord,
          .campaign = told.campaign,
          .referral = told.id,
          .fence = told.fence,
          .items = std::move(items)};
}

}  // namespace veille::referral
