#pragma once

#include <string>

#include "referral/domain/partner_case.h"

namespace veille::referral {

// The written request for an entry in the town hall's register, in French. Somebody else than the
// person may ask in writing when the person has not objected (Code de l'action sociale et des
// familles, L121-6-1): the landlord asks for its tenant. It says no more of the person than the
// case does. Empty of a case of another need, and where the case does not show the person.
std::string WrittenRequest(const PartnerCase& partner_case);

}  // namespace veille::referral
