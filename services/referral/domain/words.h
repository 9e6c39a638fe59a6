#pragma once

// The enumerations of the referral service. Their numbers are the contract's and the database's.

namespace veille::referral {

enum class Need {
  kUnknown = 0,  // what is stored cannot be read
  kMeals,
  kGroceries,
  kMedicines,
  kHealthCare,
  kHomeHelp,
  kLoneliness,
  kSafety,
  kAdmin,
  kFinancial,
  kHousing,
  kDigital,
  kProtectiveGestures,
  kOther,
  kMunicipalRegister,
};
inline constexpr int kNeeds = 14;

// On what ground a person may stand in the town hall's register.
enum class RegisterGround { kNone = 0, kAge65, kAge60UnfitForWork, kDisabledAtHome };

enum class Urgency { kRoutine = 1, kPriority, kEmergency };

enum class ReferralState {
  kRequested = 1,
  kReceived,
  kAccepted,
  kInProgress,
  kCompleted,
  kRejected,
  kCancelled,
  kFailed,
};

enum class ReferralOutcome {
  kNone = 0,
  kHelped,
  kPartlyHelped,
  kNotNeeded,
  kNotReached,
  kDeclinedByPerson,
  kCouldNotHelp,
};

enum class DeclineReason {
  kNone = 0,
  kOutOfArea,
  kNeedNotServed,
  kNoCapacity,
  kAlreadyHelped,
  kOther,
};

enum class AssignmentState { kOpen = 1, kCompleted, kDeclined, kSuperseded };

// What was done last because nobody at the partner accepted in time. Not in this order: see
// assignment/overdue.h.
enum class OverdueStep { kNone = 0, kReminded, kCoordinatorTold, kSecondContact };

// What a partner answers by telephone.
enum class PartnerAnswerKind {
  kNotReached = 1,
  kReceived,
  kAccepted,
  kDeclined,
  kStarted,
  kClosed,
};

enum class DeliveryState { kNone = 0, kDue, kSending, kDelivered, kParked, kWithdrawn };

enum class WorklistReason {
  kEmergency = 1,
  kNoPartner,
  kDeclined,
  kNotAcknowledged,
  kNotDelivered,
  kNotHelped,
  kTelephonePartner,
  kWithdrawalNotTold,
  kNoOutcome,
};

enum class WorklistItemState { kOpen = 1, kDecided };

enum class WorklistDecision { kNone = 0, kAssign, kRetry, kCancel, kSeen };

enum class PartnerKind { kTownHall = 1, kCcas, kCias, kDepartement, kAssociation, kOther };

enum class PartnerState { kActive = 1, kSuspended, kTesting };

enum class PartnerSuspension { kNone = 0, kPaused, kEndpointGone };

// Whether a partner can take more, as it says itself.
enum class PartnerIntake { kOpen = 1, kWaitlist, kFull };

enum class PartnerChannel { kGrpc = 1, kByHand, kWebhook };

enum class PartnerPayload { kThin = 1, kFull };

// How a partner came to know something of a case.
enum class DisclosureWay { kPush = 1, kRead, kList, kTelephone };

}  // namespace veille::referral
