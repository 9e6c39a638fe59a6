#pragma once

// What one call is made of. The enums are numbered as in the contract (veille/calls/v1/call.proto,
// veille/common/v1); in the database they stand by name (domain/names.h).

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/time/time.h"
#include "call_tracking/domain/referral_update.h"
#include "call_tracking/domain/volunteer.h"
#include "common/ids/uuid.h"

namespace veille::call_tracking {

enum class Disposition {
  kCompleted = 1,
  kPartial = 2,
  kCallbackRequested = 3,
  kNoAnswer = 4,
  kBusy = 5,
  kVoicemailLeft = 6,
  kVoicemailNoMessage = 7,
  kWrongNumber = 8,
  kOutOfService = 9,
  kRefusedThisCall = 10,
  kObjection = 11,
  kLanguageBarrier = 12,
  kUnableToTalk = 13,
  kAnsweredByProxy = 14,
  kMoved = 15,
  kHospitalised = 16,
  kDeceased = 17,
  kEmergencyTransferred = 18,
};

enum class HouseholdState {
  kPending = 1,
  kLeased = 2,
  kDone = 3,
  kFollowedUp = 4,
  kNeedsDecision = 5,
  kClosed = 6,
};

// Why a PENDING household is, or is not, called again.
enum class WaitReason {
  kFirst = 1,
  kRetry = 2,
  kAppointment = 3,
  kWeekly = 4,
  kExhausted = 5,
  kNoNumberLeft = 6,
  kVerification = 7,  // its tenants are to be asked whether help came
};

enum class DecisionReason {
  kNone = 0,
  kNotAgreed = 1,
  kNotCovered = 2,
  kReferralEnded = 3,
  kEmergency = 4,
  kLateRecord = 5,
  kNotSendable = 6,
  kHelpDidNotCome = 7,
  kNotVerified = 8,
};

// Whether the help came that a partner reports: what the tenant says.
enum class Verification {
  kNone = 0,  // nothing is to be asked
  kOpen = 1,  // the tenant is to be asked
  kCame = 2,
  kDidNotCome = 3,
  kUnknown = 4,
};

enum class FindingKind { kNeed = 1, kWeeklyCall = 2, kAllWell = 3 };

enum class AgreementKind { kShareNeed = 1, kStoreHealthAnswers = 2, kWeeklyCall = 3 };

enum class Need {
  kNone = 0,
  kMeals = 1,
  kGroceries = 2,
  kMedicines = 3,
  kHealthCare = 4,
  kHomeHelp = 5,
  kLoneliness = 6,
  kSafety = 7,
  kAdmin = 8,
  kFinancial = 9,
  kHousing = 10,
  kDigital = 11,
  kProtectiveGestures = 12,
  kOther = 13,
  kMunicipalRegister = 14,
};

// On what ground a person may stand in the town hall's register.
enum class RegisterGround { kNone = 0, kAge65 = 1, kAge60UnfitForWork = 2, kDisabledAtHome = 3 };

enum class Urgency { kNone = 0, kRoutine = 1, kPriority = 2, kEmergency = 3 };

// Why a finding may be shared: the subject agreed, or its vital interest (RGPD 6-1-d, 9-2-c).
enum class SharingBasis { kNone = 0, kAgreement = 1, kVitalInterest = 2 };

struct ChosenChoice {
  std::string id;
  friend bool operator==(const ChosenChoice&, const ChosenChoice&) = default;
};
struct OwnWords {
  std::string text;
  friend bool operator==(const OwnWords&, const OwnWords&) = default;
};

struct Answer {
  ids::TenantId tenant;
  std::string question;
  std::variant<bool, ChosenChoice, int64_t, OwnWords> value;
};

// What the written request for an entry in that register stands on.
struct RegisterEntry {
  RegisterGround ground = RegisterGround::kNone;
  absl::Time non_objection_time;
  friend bool operator==(const RegisterEntry&, const RegisterEntry&) = default;
};

struct Agreement {
  ids::TenantId tenant;
  AgreementKind kind = AgreementKind::kShareNeed;
  Need need = Need::kNone;  // of kShareNeed
  bool agreed = false;
  std::string text_version;
  std::string words;  // what may be shared about the need; may be empty
  std::optional<RegisterEntry> register_entry = {};  // exactly when kMunicipalRegister is agreed to
};

// A need that the volunteer heard of.
struct RaisedFinding {
  ids::TenantId tenant;
  Need need = Need::kNone;
  Urgency urgency = Urgency::kNone;
  std::string words;  // never shared; may be empty
};

// What a call revealed about one subject.
struct Finding {
  ids::FindingId id;
  ids::TenantId tenant;
  FindingKind kind = FindingKind::kNeed;
  Need need = Need::kNone;
  Urgency urgency = Urgency::kNone;
  std::string rule;     // which found it; empty when the volunteer alone raised it
  bool raised = false;  // by the volunteer
  std::string words;    // what the volunteer heard; never shared
  SharingBasis basis = SharingBasis::kNone;
  std::string shared_words;                          // what the subject agreed to share
  std::string agreement_text;                        // by which text
  std::optional<RegisterEntry> register_entry = {};  // of kMunicipalRegister, when it is shared
  DecisionReason decision = DecisionReason::kNone;
  ReferralState referral_state = ReferralState::kNone;  // as last reported
  int referral_outcome = 0;                             // numbered as in the contract
  Verification verification = Verification::kNone;

  bool shared() const { return basis != SharingBasis::kNone; }
};

// A need that a call found, and what became of it.
struct FlaggedCase {
  ids::HouseholdId household;
  Finding finding;  // without its subject and rule
  absl::Time find_time;
  std::optional<absl::Time> referral_time;  // when its referral was last reported of
};

// What a partner reports, and a tenant is to be asked about.
struct OutcomeToVerify {
  ids::ReferralId referral;
  ids::TenantId tenant;
  Need need = Need::kNone;
  int outcome = 0;  // numbered as in the contract
  absl::Time report_time;
};

// What the tenant said about it.
struct VerifiedOutcome {
  ids::ReferralId referral;
  Verification came = Verification::kUnknown;
};

// One attempt as the volunteer reports it.
struct CallRecord {
  ids::RequestId request;
  ids::CampaignId campaign;
  ids::LeaseId lease;
  int64_t fence = 0;
  Disposition disposition = Disposition::kCompleted;
  int phone_position = 0;  // from 1; 0: the lease's
  std::optional<absl::Time> dial_time;
  std::optional<absl::Duration> duration;
  std::optional<absl::Time> callback_time;
  std::vector<Answer> answers;
  std::vector<Agreement> agreements;
  std::vector<RaisedFinding> raised;
  std::vector<VerifiedOutcome> verified;
};

struct Lease {
  ids::LeaseId id;
  ids::CampaignId campaign;
  ids::HouseholdId household;
  int64_t fence = 0;
  absl::Time expire_time;
  int attempt_number = 0;
  bool weekly_call = false;
  std::string phone_hash;                 // 32 bytes: which to dial
  std::vector<std::string> phone_hashes;  // of the household, in the order of the call sheet
  std::vector<ids::TenantId> subjects;
  int to_verify = 0;  // outcomes that the household is to be asked about
};

}  // namespace veille::call_tracking
