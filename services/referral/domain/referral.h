#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/ids/uuid.h"
#include "common/time/acknowledge_deadlines.h"
#include "referral/domain/partner_answer.h"
#include "referral/domain/words.h"

namespace veille::referral {

using AssignmentId = ids::Id<struct AssignmentTag>;

// How the partner reaches the subject: a snapshot from the register.
struct SharedContact {
  std::string title;
  std::string family_name;
  std::string given_name;
  std::vector<std::string> phones;  // E.164, in the order in which to try them
  std::vector<std::string> address_lines;
  std::string commune_name;
};

// What the written request for an entry in the town hall's register stands on.
struct RegisterEntry {
  RegisterGround ground = RegisterGround::kNone;
  absl::Time non_objection_time;
};

struct SubjectAgreement {
  std::string text_version;
  absl::Time agree_time;
  std::optional<RegisterEntry> register_entry = {};  // of kMunicipalRegister
};

// Why a need may be shared: the subject agreed, or life or limb is at stake.
struct SharingBasis {
  std::optional<SubjectAgreement> agreement;
  std::string vital_interest_reason;
};

struct ReferralDraft {
  ids::FindingId finding;
  ids::CampaignId campaign;
  ids::HouseholdId household;
  ids::TenantId tenant;
  std::string commune;  // as it came: an arrondissement stays one
  std::string time_zone;
  Need need = Need::kOther;
  Urgency urgency = Urgency::kRoutine;
  std::string words;
  SharingBasis basis;
  SharedContact contact;
  int64_t household_version = 0;  // in the register, from which `contact` is; 0: not known
  bool objection = false;         // the register says that the subject objects
  std::optional<time::AcknowledgeDeadlines> deadlines = {};  // of its campaign; absent: our own
};

// A household, or some of its tenants, object.
struct Objection {
  ids::HouseholdId household;
  int64_t version = 0;                 // of the household in the register
  std::vector<ids::TenantId> tenants;  // empty: the whole household
};

struct Assignment {
  AssignmentId id;
  ids::PartnerId partner;
  int64_t fence = 0;
  AssignmentState state = AssignmentState::kOpen;
  absl::Time assign_time;
  std::optional<absl::Time> receive_time;
  std::optional<absl::Time> accept_time;
  std::optional<absl::Time> end_time;
  DeclineReason decline_reason = DeclineReason::kNone;
  std::string note;
  DeliveryState delivery = DeliveryState::kNone;
  int delivery_tries = 0;
  std::vector<PartnerAnswer> answers;  // by telephone, first to last; empty in lists
};

// As the coordinator sees it: without the contact. One whose sealed values do not open is shown all
// the same: without them, and saying so.
struct Referral {
  ids::ReferralId id;
  ids::FindingId finding;
  ids::CampaignId campaign;
  ids::HouseholdId household;
  ids::TenantId tenant;
  std::string commune;
  std::string time_zone;
  Need need = Need::kUnknown;
  Urgency urgency = Urgency::kRoutine;
  std::string words;   // empty in lists
  SharingBasis basis;  // empty in lists
  ReferralState state = ReferralState::kRequested;
  int64_t version = 1;
  ids::PartnerId partner;               // of the last assignment; nil before the first
  int64_t open_fence = 0;               // of the open assignment; 0 without one
  std::vector<Assignment> assignments;  // first to last
  std::optional<absl::Time> acknowledge_deadline;
  std::optional<time::AcknowledgeDeadlines>
      deadlines;  // that it was created under; absent: our own
  ReferralOutcome outcome = ReferralOutcome::kNone;
  std::string withdrawal_note;  // empty in lists
  bool withdrawn_by_objection = false;
  bool unreadable = false;
  absl::Time create_time;
  absl::Time update_time;
};

// What call-tracking is told of each change.
struct ReferralUpdate {
  ids::ReferralId referral;
  ids::FindingId finding;
  ids::CampaignId campaign;
  int64_t version = 0;
  ReferralState state = ReferralState::kRequested;
  ReferralOutcome outcome = ReferralOutcome::kNone;
  bool not_covered = false;  // it waits for a coordinator because no partner covers it
  absl::Time update_time;
};

ReferralUpdate UpdateOf(const Referral& referral);

// Whether a referral in this state, with this open fence, waits because no partner covers it.
bool IsNotCovered(ReferralState state, int64_t open_fence);

// Whether the person was left without the help: a coordinator must look at it.
bool LeavesInNeed(ReferralOutcome outcome);

}  // namespace veille::referral
