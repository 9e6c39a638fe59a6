#include "referral/store/referral_store.h"

#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/db/acknowledge_deadlines.h"
#include "common/status/macros.h"
#include "referral/errors.h"
#include "referral/store/answer_store.h"
#include "referral/store/numbers.h"
#include "referral/store/sealed_values.h"

namespace veille::referral {
namespace {

using db::Query;

constexpr std::string_view kReferralsTable = "referrals";

constexpr Query kInsertReferral{"referrals.insert", R"sql(
  WITH made AS (
    INSERT INTO referrals (landlord_id, referral_id, campaign_id, household_id, tenant_id, finding_id,
                           commune_code, time_zone, urgency, state, subject_need_blind, need, words,
                           basis, contact, created_time, updated_time, emergency_deadline_seconds,
                           priority_deadline_seconds, routine_deadline_days)
    SELECT $1::uuid, $2::uuid, $3::uuid, $4::uuid, $5::uuid, $6::uuid, $7::text, $8::text,
           $9::smallint, stands.state, $10::bytea, $11::bytea,
           CASE stands.state WHEN 1 THEN $12::bytea ELSE '' END,
           CASE stands.state WHEN 1 THEN $13::bytea ELSE $21::bytea END,
           CASE stands.state WHEN 1 THEN $14::bytea ELSE '' END, $15::timestamptz, $15::timestamptz,
           $18::integer, $19::integer, $20::integer
    FROM (SELECT CASE WHEN $16::boolean OR EXISTS (
                   SELECT FROM objections
                   WHERE landlord_id = $1::uuid AND household_id = $4::uuid AND version > $17::bigint
                     AND (cardinality(tenant_ids) = 0 OR $5::uuid = ANY (tenant_ids)))
                 THEN 7 ELSE 1 END AS state) AS stands
    WHERE NOT EXISTS (SELECT FROM merged_findings WHERE landlord_id = $1::uuid AND finding_id = $6::uuid)
    ON CONFLICT DO NOTHING
    RETURNING landlord_id, referral_id, state)
  INSERT INTO referral_events (landlord_id, referral_id, version, state, actor, open_fence, event_time)
  SELECT landlord_id, referral_id, 1, state, CASE state WHEN 1 THEN 2 ELSE 6 END, 0, $15::timestamptz
  FROM made
  RETURNING state
)sql"};

constexpr Query kFindByFinding{"referrals.find_by_finding", R"sql(
  SELECT referral_id FROM referrals WHERE landlord_id = $1::uuid AND finding_id = $2::uuid
  UNION ALL
  SELECT referral_id FROM merged_findings WHERE landlord_id = $1::uuid AND finding_id = $2::uuid
)sql"};

constexpr Query kFindOpenTwin{"referrals.find_open_twin", R"sql(
  SELECT referral_id FROM referrals
  WHERE landlord_id = $1::uuid AND subject_need_blind = $2::bytea AND state NOT IN (5, 7)
)sql"};

constexpr Query kMergeFinding{"merged_findings.insert", R"sql(
  INSERT INTO merged_findings (landlord_id, finding_id, referral_id, merged_time)
  VALUES ($1::uuid, $2::uuid, $3::uuid, $4::timestamptz)
  ON CONFLICT (landlord_id, finding_id) DO NOTHING
)sql"};

constexpr Query kListMerged{"merged_findings.list", R"sql(
  SELECT finding_id FROM merged_findings WHERE landlord_id = $1::uuid AND referral_id = $2::uuid
)sql"};

constexpr Query kRaiseUrgency{"referrals.raise_urgency", R"sql(
  WITH raised AS (
    UPDATE referrals
    SET urgency = $3::smallint, version = version + 1, updated_time = $5::timestamptz,
        outcome_deadline = '-infinity',
        acknowledge_deadline = CASE WHEN open_fence > 0
                                    THEN least(acknowledge_deadline, $4::timestamptz) END
    WHERE landlord_id = $1::uuid AND referral_id = $2::uuid AND urgency < $3::smallint
      AND state NOT IN (5, 7)
    RETURNING landlord_id, referral_id, version, state, open_fence),
  items AS (
    UPDATE worklist_items AS i SET urgency = $3::smallint, version = i.version + 1
    FROM raised
    WHERE i.landlord_id = raised.landlord_id AND i.referral_id = raised.referral_id AND i.state = 1)
  INSERT INTO referral_events (landlord_id, referral_id, version, state, actor, open_fence, event_time)
  SELECT landlord_id, referral_id, version, state, 2, open_fence, $5::timestamptz FROM raised
  RETURNING version
)sql"};

constexpr Query kApplyMove{"referrals.move", R"sql(
  WITH moved AS (
    UPDATE referrals
    SET state = $3::smallint, version = version + 1, updated_time = $8::timestamptz,
        outcome = $7::bytea, outcome_deadline = '-infinity',
        open_fence = CASE WHEN $3::smallint IN (5, 6, 7, 8) THEN 0 ELSE open_fence END,
        acknowledge_deadline = CASE WHEN $3::smallint IN (5, 6, 7, 8) THEN NULL
                                    ELSE acknowledge_deadline END
    WHERE landlord_id = $1::uuid AND referral_id = $2::uuid AND state = ANY($4::integer[])
      AND ($5::bigint = 0 OR (open_fence = $5::bigint AND partner_id = $6::uuid))
    RETURNING landlord_id, referral_id, version, state, open_fence)
  INSERT INTO referral_events (landlord_id, referral_id, version, state, actor, open_fence, event_time)
  SELECT landlord_id, referral_id, version, state, $9::smallint, open_fence, $8::timestamptz FROM moved
  RETURNING version
)sql"};

constexpr Query kLockReferral{"referrals.lock", R"sql(
  SELECT referral_id FROM referrals
  WHERE landlord_id = $1::uuid AND referral_id = $2::uuid FOR UPDATE
)sql"};

constexpr Query kNoteWithdrawal{"referrals.note_withdrawal", R"sql(
  UPDATE referrals SET withdrawal_note = $3::bytea
  WHERE landlord_id = $1::uuid AND referral_id = $2::uuid AND state = 7
)sql"};

constexpr Query kGetReferrals{"referrals.get", R"sql(
  SELECT referral_id, finding_id, campaign_id, household_id, tenant_id, commune_code, time_zone, urgency,
         state, version, need, words, basis, outcome, withdrawal_note, partner_id, open_fence, acknowledge_deadline,
         created_time, updated_time, emergency_deadline_seconds, priority_deadline_seconds,
         routine_deadline_days,
         state = 7 AND EXISTS (
           SELECT FROM referral_events AS e
           WHERE e.landlord_id = r.landlord_id AND e.referral_id = r.referral_id
             AND e.version = r.version AND e.actor = 6) AS withdrawn_by_objection
  FROM referrals AS r
  WHERE landlord_id = $1::uuid AND referral_id = ANY($2::uuid[])
  ORDER BY referral_id DESC
)sql"};

constexpr Query kListIds{"referrals.list", R"sql(
  SELECT referral_id FROM referrals
  WHERE landlord_id = $1::uuid AND referral_id < $2::uuid
    AND (cardinality($3::integer[]) = 0 OR state = ANY($3::integer[]))
    AND (cardinality($4::text[]) = 0 OR commune_code = ANY($4::text[]))
    AND (cardinality($5::integer[]) = 0 OR urgency = ANY($5::integer[]))
  ORDER BY referral_id DESC LIMIT $6::integer
)sql"};

constexpr Query kListIdsOfCampaign{"referrals.list_of_campaign", R"sql(
  SELECT referral_id FROM referrals
  WHERE landlord_id = $1::uuid AND campaign_id = $7::uuid AND referral_id < $2::uuid
    AND (cardinality($3::integer[]) = 0 OR state = ANY($3::integer[]))
    AND (cardinality($4::text[]) = 0 OR commune_code = ANY($4::text[]))
    AND (cardinality($5::integer[]) = 0 OR urgency = ANY($5::integer[]))
  ORDER BY referral_id DESC LIMIT $6::integer
)sql"};

constexpr Query kListIdsOfPartner{"referrals.list_of_partner", R"sql(
  SELECT referral_id FROM referrals
  WHERE landlord_id = $1::uuid AND partner_id = $7::uuid AND referral_id < $2::uuid
    AND ($8::uuid IS NULL OR campaign_id = $8::uuid)
    AND (cardinality($3::integer[]) = 0 OR state = ANY($3::integer[]))
    AND (cardinality($4::text[]) = 0 OR commune_code = ANY($4::text[]))
    AND (cardinality($5::integer[]) = 0 OR urgency = ANY($5::integer[]))
  ORDER BY referral_id DESC LIMIT $6::integer
)sql"};

constexpr Query kListAssignments{"assignments.list", R"sql(
  SELECT a.referral_id, a.assignment_id, a.partner_id, a.fence, a.state, a.assigned_time,
         a.received_time, a.accepted_time, a.ended_time, a.decline_reason, a.note,
         coalesce(d.state, 0) AS delivery_state, coalesce(d.tries, 0) AS delivery_tries
  FROM assignments AS a
  LEFT JOIN deliveries AS d ON d.landlord_id = a.landlord_id AND d.referral_id = a.referral_id
    AND d.assignment_fence = a.fence
  WHERE a.landlord_id = $1::uuid AND a.referral_id = ANY($2::uuid[])
  ORDER BY a.referral_id, a.fence
)sql"};

Assignment AssignmentFromRow(const db::Row& row) {
  return Assignment{.id = row.Get<AssignmentId>("assignment_id"),
                    .partner = row.Get<ids::PartnerId>("partner_id"),
                    .fence = row.Get<int64_t>("fence"),
                    .state = static_cast<AssignmentState>(row.Get<int>("state")),
                    .assign_time = row.Get<absl::Time>("assigned_time"),
                    .receive_time = row.Find<absl::Time>("received_time"),
                    .accept_time = row.Find<absl::Time>("accepted_time"),
                    .end_time = row.Find<absl::Time>("ended_time"),
                    .decline_reason = static_cast<DeclineReason>(row.Get<int>("decline_reason")),
                    .note = {},
                    .delivery = static_cast<DeliveryState>(row.Get<int>("delivery_state")),
                    .delivery_tries = row.Get<int>("delivery_tries"),
                    .answers = {}};
}

}  // namespace

const db::Query& InsertReferralQuery() { return kInsertReferral; }
const db::Query& GetReferralsQuery() { return kGetReferrals; }

db::Bytes ReferralStore::Blind(const ReferralDraft& draft) const {
  return seal_.Blind(draft.campaign,
                     absl::StrCat(draft.tenant.ToString(), "/", static_cast<int>(draft.need)));
}

std::optional<ReferralState> ReferralStore::Insert(ids::ReferralId referral,
                                                   const ReferralDraft& draft, absl::Time now) {
  const SealedRow sealed(seal_, kReferralsTable, landlord_, draft.campaign, referral.uuid());
  const db::AcknowledgeDeadlineColumns deadlines = db::ToColumns(draft.deadlines);
  // Of somebody who objects, why an entry in a register was asked for is not kept.
  SharingBasis basis_of_objector = draft.basis;
  if (basis_of_objector.agreement.has_value()) {
    basis_of_objector.agreement->register_entry.reset();
  }
  const db::Rows made =
      tx_.Run(kInsertReferral, landlord_, referral, draft.campaign, draft.household, draft.tenant,
              draft.finding, draft.commune, draft.time_zone, static_cast<int>(draft.urgency),
              Blind(draft), sealed.Close("need", std::to_string(static_cast<int>(draft.need))),
              sealed.Close("words", draft.words), sealed.Close("basis", ToJson(draft.basis)),
              sealed.Close("contact", ToJson(draft.contact)), now, draft.objection,
              draft.household_version, deadlines.emergency_seconds, deadlines.priority_seconds,
              deadlines.routine_days, sealed.Close("basis", ToJson(basis_of_objector)));
  if (made.empty()) return std::nullopt;
  return static_cast<ReferralState>(made[0].Get<int>("state"));
}

std::optional<ids::ReferralId> ReferralStore::FindByFinding(ids::FindingId finding) {
  const db::Rows rows = tx_.Run(kFindByFinding, landlord_, finding);
  if (rows.empty()) return std::nullopt;
  return rows[0].Get<ids::ReferralId>("referral_id");
}

std::optional<ids::ReferralId> ReferralStore::FindOpenTwin(const ReferralDraft& draft) {
  const db::Rows rows = tx_.Run(kFindOpenTwin, landlord_, Blind(draft));
  if (rows.empty()) return std::nullopt;
  return rows[0].Get<ids::ReferralId>("referral_id");
}

void ReferralStore::Merge(ids::FindingId finding, ids::ReferralId into, absl::Time now) {
  tx_.Run(kMergeFinding, landlord_, finding, into, now);
}

std::vector<ids::FindingId> ReferralStore::ListMerged(ids::ReferralId referral) {
  std::vector<ids::FindingId> findings;
  for (const db::Row row : tx_.Run(kListMerged, landlord_, referral)) {
    findings.push_back(row.Get<ids::FindingId>("finding_id"));
  }
  return findings;
}

bool ReferralStore::RaiseUrgency(ids::ReferralId referral, Urgency urgency, absl::Time deadline,
                                 absl::Time now) {
  return !tx_.Run(kRaiseUrgency, landlord_, referral, static_cast<int>(urgency), deadline, now)
              .empty();
}

bool ReferralStore::Apply(const Move& move, absl::Time now) {
  db::Bytes outcome;
  if (move.outcome != ReferralOutcome::kNone) {
    outcome = SealedRow(seal_, kReferralsTable, landlord_, move.campaign, move.referral.uuid())
                  .Close("outcome", std::to_string(static_cast<int>(move.outcome)));
  }
  return !tx_.Run(kApplyMove, landlord_, move.referral, static_cast<int>(move.to),
                  NumbersOf(SourcesOf(move.to, move.actor)), move.fence, move.partner, outcome, now,
                  static_cast<int>(move.actor))
              .empty();
}

void ReferralStore::NoteWithdrawal(const Referral& referral, const std::string& note) {
  const SealedRow sealed(seal_, kReferralsTable, landlord_, referral.campaign, referral.id.uuid());
  tx_.Run(kNoteWithdrawal, landlord_, referral.id, sealed.Close("withdrawal_note", note));
}

bool ReferralStore::Lock(ids::ReferralId referral) {
  return !tx_.Run(kLockReferral, landlord_, referral).empty();
}

Referral ReferralStore::FromRow(const db::Row& row) const {
  Referral referral;
  referral.id = row.Get<ids::ReferralId>("referral_id");
  referral.finding = row.Get<ids::FindingId>("finding_id");
  referral.campaign = row.Get<ids::CampaignId>("campaign_id");
  referral.household = row.Get<ids::HouseholdId>("household_id");
  referral.tenant = row.Get<ids::TenantId>("tenant_id");
  referral.commune = row.Get<std::string>("commune_code");
  referral.time_zone = row.Get<std::string>("time_zone");
  referral.urgency = static_cast<Urgency>(row.Get<int>("urgency"));
  referral.state = static_cast<ReferralState>(row.Get<int>("state"));
  referral.version = row.Get<int64_t>("version");
  referral.partner = row.Find<ids::PartnerId>("partner_id").value_or(ids::PartnerId());
  referral.open_fence = row.Get<int64_t>("open_fence");
  referral.withdrawn_by_objection = row.Get<bool>("withdrawn_by_objection");
  referral.acknowledge_deadline = row.Find<absl::Time>("acknowledge_deadline");
  referral.deadlines = db::AcknowledgeDeadlinesFrom(row);
  referral.create_time = row.Get<absl::Time>("created_time");
  referral.update_time = row.Get<absl::Time>("updated_time");
  referral.unreadable = !OpenSealed(row, referral).ok();
  if (referral.unreadable) LogUnreadable(referral.id);
  return referral;
}

absl::Status ReferralStore::OpenSealed(const db::Row& row, Referral& referral) const {
  const SealedRow sealed(seal_, kReferralsTable, landlord_, referral.campaign, referral.id.uuid());
  ASSIGN_OR_RETURN(const int need, sealed.OpenNumber("need", row.Get<db::Bytes>("need")));
  referral.need = static_cast<Need>(need);
  ASSIGN_OR_RETURN(const int outcome, sealed.OpenNumber("outcome", row.Get<db::Bytes>("outcome")));
  referral.outcome = static_cast<ReferralOutcome>(outcome);
  ASSIGN_OR_RETURN(referral.words, sealed.Open("words", row.Get<db::Bytes>("words")));
  ASSIGN_OR_RETURN(referral.withdrawal_note,
                   sealed.Open("withdrawal_note", row.Get<db::Bytes>("withdrawal_note")));
  ASSIGN_OR_RETURN(const std::string basis, sealed.Open("basis", row.Get<db::Bytes>("basis")));
  ASSIGN_OR_RETURN(referral.basis, BasisFromJson(basis));
  return absl::OkStatus();
}

void ReferralStore::ReadAssignments(std::vector<Referral>& referrals, bool notes) {
  std::vector<ids::ReferralId> ids;
  std::map<ids::ReferralId, Referral*> by_id;
  for (Referral& referral : referrals) {
    ids.push_back(referral.id);
    by_id[referral.id] = &referral;
  }
  for (const db::Row row : tx_.Run(kListAssignments, landlord_, ids)) {
    Referral& referral = *by_id[row.Get<ids::ReferralId>("referral_id")];
    Assignment assignment = AssignmentFromRow(row);
    if (notes) {
      const SealedRow sealed(seal_, "assignments", landlord_, referral.campaign,
                             assignment.id.uuid());
      auto note = sealed.Open("note", row.Get<db::Bytes>("note"));
      if (note.ok()) {
        assignment.note = *std::move(note);
      } else {
        referral.unreadable = true;
        LogUnreadable(referral.id);
      }
    }
    referral.assignments.push_back(std::move(assignment));
  }
}

absl::StatusOr<Referral> ReferralStore::GetAlone(ids::ReferralId referral) {
  const db::Rows rows = tx_.Run(kGetReferrals, landlord_, std::vector{referral});
  if (rows.empty()) return errors::ReferralNotFound();
  return FromRow(rows[0]);
}

absl::StatusOr<Referral> ReferralStore::Get(ids::ReferralId referral) {
  ASSIGN_OR_RETURN(Referral alone, GetAlone(referral));
  std::vector<Referral> found = {std::move(alone)};
  ReadAssignments(found, /*notes=*/true);
  AnswerStore(tx_, seal_, landlord_).ReadInto(found[0]);
  return std::move(found[0]);
}

std::vector<Referral> ReferralStore::List(const ReferralFilter& filter, ids::Uuid before,
                                          int limit) {
  const std::vector<int32_t> states = NumbersOf(filter.states);
  const std::vector<int32_t> urgencies = NumbersOf(filter.urgencies);
  const db::Rows listed =
      filter.partner.has_value()
          ? tx_.Run(kListIdsOfPartner, landlord_, before, states, filter.communes, urgencies, limit,
                    *filter.partner, filter.campaign)
      : filter.campaign.has_value()
          ? tx_.Run(kListIdsOfCampaign, landlord_, before, states, filter.communes, urgencies,
                    limit, *filter.campaign)
          : tx_.Run(kListIds, landlord_, before, states, filter.communes, urgencies, limit);
  std::vector<ids::ReferralId> ids;
  for (const db::Row row : listed) ids.push_back(row.Get<ids::ReferralId>("referral_id"));

  std::vector<Referral> referrals;
  for (const db::Row row : tx_.Run(kGetReferrals, landlord_, ids)) {
    Referral referral = FromRow(row);
    referral.words.clear();
    referral.withdrawal_note.clear();
    referral.basis = {};
    referrals.push_back(std::move(referral));
  }
  ReadAssignments(referrals, /*notes=*/false);
  return referrals;
}

}  // namespace veille::referral
