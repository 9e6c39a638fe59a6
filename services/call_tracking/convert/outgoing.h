#pragma once

// The facts of a recorded call that other services are told, as they wait in the outbox: serialised
// requests of their contracts, without anything from the register.

#include <string>

#include "call_tracking/domain/call.h"
#include "call_tracking/domain/campaign.h"
#include "call_tracking/domain/household_change.h"

namespace veille::call_tracking {

inline constexpr char kCreateReferralTopic[] = "create-referral";
inline constexpr char kReportPhoneTopic[] = "report-phone";
inline constexpr char kRecordObjectionTopic[] = "record-objection";
inline constexpr char kObjectionTopic[] = "household-objection";

// A veille.referral.v1.CreateReferralRequest without its contact, which the sender asks the
// registry for at the moment of sending. The finding's id is its request id.
std::string CreateReferralPayload(const Finding& finding, const Campaign& campaign,
                                  ids::HouseholdId household, const std::string& commune_code,
                                  const std::string& time_zone, absl::Time now);

// A veille.registry.v1.ReportPhoneRequest. The attempt's id is its request id.
std::string ReportPhonePayload(ids::AttemptId attempt, ids::HouseholdId household,
                               const std::string& phone_hash, Disposition disposition);

// A veille.registry.v1.RecordObjectionRequest: who said in a call that nobody is to call again
// objects to calls only. The attempt's id is its request id.
std::string RecordObjectionPayload(ids::AttemptId attempt, ids::HouseholdId household,
                                   absl::Time said);

// A veille.referral.v1.RecordHouseholdObjectionRequest. `message`, its request id, is the outbox's.
std::string ObjectionPayload(const HouseholdChange& objection, const ids::Uuid& message);

}  // namespace veille::call_tracking
