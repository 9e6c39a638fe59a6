#include "call_tracking/store/household_standing.h"

#include "call_tracking/domain/names.h"
#include "call_tracking/store/phone_hashes.h"
#include "common/status/errors.h"
#include "common/status/macros.h"

namespace veille::call_tracking {
namespace {

constexpr db::Query kLockPlace{"call_queue.lock", R"sql(
  SELECT household_id FROM call_queue
  WHERE landlord_id = $1::uuid AND campaign_id = $2::uuid AND household_id = $3::uuid FOR UPDATE
)sql"};

constexpr db::Query kLockStanding{"cohort_households.lock_standing", R"sql(
  SELECT state, wait_reason, attempts, phone_hashes, phone_hash, next_attempt_time, objection,
         decision_reason, settled_state, weekly_volunteer_id, weekly_start_time, kept_until, to_verify,
         progress
  FROM cohort_households
  WHERE landlord_id = $1::uuid AND campaign_id = $2::uuid AND household_id = $3::uuid FOR UPDATE
)sql"};

constexpr db::Query kStoreStanding{"cohort_households.store_standing", R"sql(
  WITH stood AS (
    UPDATE cohort_households
    SET state = $4, wait_reason = $5, attempts = $6, phone_hashes = $7::bytea,
        phone_hash = ($8::bytea[])[1], next_attempt_time = $9::timestamptz, objection = $10::boolean,
        decision_reason = $11, settled_state = $12, weekly_volunteer_id = $13::uuid,
        weekly_start_time = $14::timestamptz, kept_until = $15::timestamptz, progress = $16::bytea,
        to_verify = $18
    WHERE landlord_id = $1::uuid AND campaign_id = $2::uuid AND household_id = $3::uuid
    RETURNING landlord_id, campaign_id, household_id, time_zone, phone_hash, state, wait_reason,
              next_attempt_time, kept_until, weekly_volunteer_id,
              state IN ('PENDING', 'FOLLOWED_UP') AND next_attempt_time IS NOT NULL
                AND phone_hash IS NOT NULL AS waits
  ), unqueued AS (
    DELETE FROM call_queue AS q USING stood AS s
    WHERE q.landlord_id = s.landlord_id AND q.campaign_id = s.campaign_id
      AND q.household_id = s.household_id AND NOT s.waits
  )
  INSERT INTO call_queue AS q (landlord_id, campaign_id, household_id, time_zone, phone_hash, priority,
                               due_time, is_due, volunteer_id, own_time)
  SELECT landlord_id, campaign_id, household_id, time_zone, phone_hash, call_priority(wait_reason),
         greatest(next_attempt_time, kept_until),
         greatest(next_attempt_time, kept_until) <= $17::timestamptz,
         CASE WHEN kept_until IS NOT NULL THEN weekly_volunteer_id END,
         CASE WHEN kept_until IS NOT NULL THEN next_attempt_time END
  FROM stood WHERE waits
  ON CONFLICT ON CONSTRAINT call_queue_pk DO UPDATE
  SET phone_hash = excluded.phone_hash, priority = excluded.priority, due_time = excluded.due_time,
      is_due = excluded.is_due, volunteer_id = excluded.volunteer_id, own_time = excluded.own_time
)sql"};

privacy::SealContext ProgressSeal(const HouseholdKey& key) {
  return {.table = "cohort_households",
          .column = "progress",
          .landlord = key.landlord,
          .campaign = key.campaign,
          .row = key.household.uuid()};
}

template <typename Enum>
Enum ReadName(const db::Row& row, const char* column, Enum absent) {
  const auto name = row.Find<std::string>(column);
  if (!name.has_value()) return absent;
  return FromName<Enum>(*name).value_or(absent);
}

template <typename Enum>
std::optional<std::string> ToName(Enum value) {
  const std::string_view name = NameOf(value);
  if (name.empty()) return std::nullopt;
  return std::string(name);
}

// Rows of the release before this one have no settled state.
HouseholdState SettledBefore(const HouseholdStanding& standing) {
  if (standing.objection) return HouseholdState::kClosed;
  return standing.next_attempt_time.has_value() ? HouseholdState::kPending : HouseholdState::kDone;
}

}  // namespace

absl::StatusOr<HouseholdStanding> ReadStanding(const db::Row& row, const privacy::Seal& seal,
                                               const HouseholdKey& key) {
  HouseholdStanding standing;
  standing.state = ReadName(row, "state", HouseholdState::kPending);
  standing.wait = ReadName(row, "wait_reason", WaitReason::kFirst);
  standing.attempts = row.Get<int>("attempts");
  standing.phone_hashes = SplitPhoneHashes(row.Get<db::Bytes>("phone_hashes"));
  standing.phone_hash = row.Find<db::Bytes>("phone_hash").value_or(db::Bytes()).value;
  standing.next_attempt_time = row.Find<absl::Time>("next_attempt_time");
  standing.objection = row.Get<bool>("objection");
  standing.decision = ReadName(row, "decision_reason", DecisionReason::kNone);
  standing.settled = ReadName(row, "settled_state", SettledBefore(standing));
  if (const auto volunteer = row.Find<VolunteerId>("weekly_volunteer_id")) {
    standing.weekly = {.volunteer = *volunteer,
                       .start_time = row.Get<absl::Time>("weekly_start_time")};
  }
  standing.kept_until = row.Find<absl::Time>("kept_until");
  standing.to_verify = row.Get<int>("to_verify");
  const auto progress = row.Find<db::Bytes>("progress");
  if (!progress.has_value()) return standing;
  ASSIGN_OR_RETURN(const std::string text, seal.Open(ProgressSeal(key), *progress));
  const auto decoded = DecodeProgress(text);
  if (!decoded.has_value()) return errors::Internal("a household's progress does not read");
  standing.progress = *decoded;
  return standing;
}

void StandingColumns::Add(const HouseholdKey& key, const HouseholdStanding& standing,
                          const privacy::Seal& seal) {
  const bool decides = standing.state == HouseholdState::kNeedsDecision;
  const HouseholdState beyond = decides ? standing.settled : standing.state;
  const bool calls = WaitsForCall(beyond) || beyond == HouseholdState::kLeased;
  states.emplace_back(NameOf(standing.state));
  waits.push_back(calls ? ToName(standing.wait) : std::nullopt);
  attempts.push_back(standing.attempts);
  phones.push_back(JoinPhoneHashes(standing.phone_hashes));
  next_phones.push_back(std::nullopt);
  if (!standing.phone_hash.empty()) next_phones.back() = db::Bytes{standing.phone_hash};
  next_times.push_back(standing.next_attempt_time);
  objections.push_back(standing.objection);
  decisions.push_back(ToName(standing.decision));
  settled.push_back(decides ? ToName(standing.settled) : std::nullopt);
  weekly_volunteers.push_back(std::nullopt);
  weekly_starts.push_back(std::nullopt);
  if (standing.weekly.has_value()) {
    weekly_volunteers.back() = standing.weekly->volunteer;
    weekly_starts.back() = standing.weekly->start_time;
  }
  kept_untils.push_back(standing.kept_until);
  to_verify.push_back(standing.to_verify);
  progress.push_back(seal.Close(ProgressSeal(key), Encode(standing.progress)));
}

absl::StatusOr<std::optional<HouseholdStanding>> LockStanding(db::WriteTx& tx,
                                                              const privacy::Seal& seal,
                                                              const HouseholdKey& key) {
  tx.Queue(kLockPlace, key.landlord, key.campaign, key.household);
  const db::Rows rows = tx.Run(kLockStanding, key.landlord, key.campaign, key.household);
  if (rows.empty()) return std::nullopt;
  ASSIGN_OR_RETURN(HouseholdStanding standing, ReadStanding(rows[0], seal, key));
  return standing;
}

void StoreStanding(db::WriteTx& tx, const privacy::Seal& seal, const HouseholdKey& key,
                   const HouseholdStanding& standing, absl::Time now) {
  StandingColumns c;
  c.Add(key, standing, seal);
  tx.Queue(kStoreStanding, key.landlord, key.campaign, key.household, c.states[0], c.waits[0],
           c.attempts[0], c.phones[0], c.next_phones, c.next_times[0], standing.objection,
           c.decisions[0], c.settled[0], c.weekly_volunteers[0], c.weekly_starts[0],
           c.kept_untils[0], c.progress[0], now, c.to_verify[0]);
}

}  // namespace veille::call_tracking
