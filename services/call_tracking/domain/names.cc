#include "call_tracking/domain/names.h"

#include <cstddef>
#include <iterator>

namespace veille::call_tracking {
namespace {

// The names of an enum by value; zero first.
template <typename Enum>
struct Names;

#define VEILLE_NAMES(Enum, ...)                                   \
  template <>                                                     \
  struct Names<Enum> {                                            \
    static constexpr std::string_view kAll[] = {"", __VA_ARGS__}; \
  }

VEILLE_NAMES(CampaignState, "DRAFT", "OPENING", "RUNNING", "PAUSED", "CLOSED");
VEILLE_NAMES(VolunteerState, "ACTIVE", "LEFT");
VEILLE_NAMES(LeftOutReason, "UNDER_AGE", "OBJECTION", "NO_VALID_PHONE");
VEILLE_NAMES(Disposition, "COMPLETED", "PARTIAL", "CALLBACK_REQUESTED", "NO_ANSWER", "BUSY",
             "VOICEMAIL_LEFT", "VOICEMAIL_NO_MESSAGE", "WRONG_NUMBER", "OUT_OF_SERVICE",
             "REFUSED_THIS_CALL", "OBJECTION", "LANGUAGE_BARRIER", "UNABLE_TO_TALK",
             "ANSWERED_BY_PROXY", "MOVED", "HOSPITALISED", "DECEASED", "EMERGENCY_TRANSFERRED");
VEILLE_NAMES(HouseholdState, "PENDING", "LEASED", "DONE", "FOLLOWED_UP", "NEEDS_DECISION",
             "CLOSED");
VEILLE_NAMES(WaitReason, "FIRST", "RETRY", "APPOINTMENT", "WEEKLY", "EXHAUSTED", "NO_NUMBER_LEFT",
             "VERIFICATION");
VEILLE_NAMES(DecisionReason, "NOT_AGREED", "NOT_COVERED", "REFERRAL_ENDED", "EMERGENCY",
             "LATE_RECORD", "NOT_SENDABLE", "HELP_DID_NOT_COME", "NOT_VERIFIED");
VEILLE_NAMES(Verification, "OPEN", "CAME", "DID_NOT_COME", "UNKNOWN");
VEILLE_NAMES(FindingKind, "NEED", "WEEKLY_CALL", "ALL_WELL");
VEILLE_NAMES(AgreementKind, "SHARE_NEED", "STORE_HEALTH_ANSWERS", "WEEKLY_CALL");
VEILLE_NAMES(Need, "MEALS", "GROCERIES", "MEDICINES", "HEALTH_CARE", "HOME_HELP", "LONELINESS",
             "SAFETY", "ADMIN", "FINANCIAL", "HOUSING", "DIGITAL", "PROTECTIVE_GESTURES", "OTHER",
             "MUNICIPAL_REGISTER");
VEILLE_NAMES(RegisterGround, "AGE_65", "AGE_60_UNFIT_FOR_WORK", "DISABLED_AT_HOME");
VEILLE_NAMES(Urgency, "ROUTINE", "PRIORITY", "EMERGENCY");
VEILLE_NAMES(SharingBasis, "AGREEMENT", "VITAL_INTEREST");
VEILLE_NAMES(ReferralState, "REQUESTED", "RECEIVED", "ACCEPTED", "IN_PROGRESS", "COMPLETED",
             "REJECTED", "CANCELLED", "FAILED");
#undef VEILLE_NAMES

}  // namespace

template <typename Enum>
std::string_view NameOf(Enum value) {
  const size_t index = static_cast<size_t>(value);
  return index < std::size(Names<Enum>::kAll) ? Names<Enum>::kAll[index] : std::string_view();
}

template <typename Enum>
std::optional<Enum> FromName(std::string_view name) {
  for (size_t index = 1; index < std::size(Names<Enum>::kAll); ++index) {
    if (Names<Enum>::kAll[index] == name) return static_cast<Enum>(index);
  }
  return std::nullopt;
}

#define VEILLE_NAMED(Enum)                      \
  template std::string_view NameOf<Enum>(Enum); \
  template std::optional<Enum> FromName<Enum>(std::string_view)

VEILLE_NAMED(CampaignState);
VEILLE_NAMED(VolunteerState);
VEILLE_NAMED(LeftOutReason);
VEILLE_NAMED(Disposition);
VEILLE_NAMED(HouseholdState);
VEILLE_NAMED(WaitReason);
VEILLE_NAMED(DecisionReason);
VEILLE_NAMED(Verification);
VEILLE_NAMED(FindingKind);
VEILLE_NAMED(AgreementKind);
VEILLE_NAMED(Need);
VEILLE_NAMED(RegisterGround);
VEILLE_NAMED(Urgency);
VEILLE_NAMED(SharingBasis);
VEILLE_NAMED(ReferralState);
#undef VEILLE_NAMED

}  // namespace veille::call_tracking
