#pragma once

// The names by which enums stand in the database: those of the contract, without prefix.

#include <optional>
#include <string_view>

#include "call_tracking/domain/call.h"
#include "call_tracking/domain/campaign.h"
#include "call_tracking/domain/cohort.h"
#include "call_tracking/domain/referral_update.h"
#include "call_tracking/domain/volunteer.h"

namespace veille::call_tracking {

// "NO_ANSWER"; empty for the zero of an enum that has one.
template <typename Enum>
std::string_view NameOf(Enum value);

// Absent when nothing has this name.
template <typename Enum>
std::optional<Enum> FromName(std::string_view name);

}  // namespace veille::call_tracking
