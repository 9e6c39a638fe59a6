#pragma once

#include <optional>
#include <string>

#include "absl/time/time.h"
#include "common/ids/uuid.h"
#include "referral/domain/referral.h"
#include "referral/domain/words.h"

namespace veille::referral {

// What a partner sees of a referral that is or was assigned to it.
struct PartnerCase {
  ids::ReferralId id;
  ids::CampaignId campaign;  // whose keys seal it; not shown
  AssignmentId assignment;
  int64_t version = 1;
  int64_t fence = 0;
  ReferralState state = ReferralState::kRequested;  // as this partner may know it
  Need need = Need::kUnknown;
  Urgency urgency = Urgency::kRoutine;
  std::string commune;
  std::string words;                            // empty in lists and once the assignment has ended
  std::optional<SharedContact> person;          // absent in lists and once the assignment has ended
  std::optional<RegisterEntry> register_entry;  // the same; of kMunicipalRegister
  std::string time_zone;                        // where the person lives; not shown
  absl::Time assign_time;
  std::optional<absl::Time> acknowledge_deadline;  // absent once accepted
  ReferralOutcome outcome = ReferralOutcome::kNone;
  bool superseded = false;
  bool test = false;  // invented: see partner_test.h
};

// Leaves of a case what its need allows: who only telephones or writes gets no street address.
void Minimise(PartnerCase& partner_case);

// What is shown of an assignment: once it has ended nothing of what another partner does.
ReferralState ShownState(AssignmentState assignment, ReferralState referral);

}  // namespace veille::referral
