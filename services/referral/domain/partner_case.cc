#include "referral/domain/partner_case.h"

namespace veille::referral {
namespace {

// Whether helping means coming to the door.
bool IsBroughtHome(Need need) {
  switch (need) {
    case Need::kMeals:
    case Need::kGroceries:
    case Need::kMedicines:
    case Need::kHealthCare:
    case Need::kHomeHelp:
    case Need::kSafety:
    case Need::kHousing:
    case Need::kProtectiveGestures:
    case Need::kMunicipalRegister:  // whom the register is to find at home
      return true;
    case Need::kLoneliness:
    case Need::kAdmin:
    case Need::kFinancial:
    case Need::kDigital:
    case Need::kOther:
    case Need::kUnknown:
      return false;
  }
  return false;
}

bool IsAwaitingAcceptance(ReferralState state) {
  return state == ReferralState::kRequested || state == ReferralState::kReceived;
}

}  // namespace

void Minimise(PartnerCase& partner_case) {
  if (partner_case.person.has_value() && !IsBroughtHome(partner_case.need)) {
    partner_case.person->address_lines.clear();
  }
  if (!IsAwaitingAcceptance(partner_case.state)) partner_case.acknowledge_deadline.reset();
}

ReferralState ShownState(AssignmentState assignment, ReferralState referral) {
  switch (assignment) {
    case AssignmentState::kDeclined:
      return ReferralState::kRejected;
    case AssignmentState::kSuperseded:
      return ReferralState::kCancelled;
    case AssignmentState::kOpen:
    case AssignmentState::kCompleted:
      return referral;
  }
  return referral;
}

}  // namespace veille::referral
