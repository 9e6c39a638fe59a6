#include "referral/store/case_store.h"

#include "common/status/macros.h"
#include "referral/errors.h"
#include "referral/store/numbers.h"
#include "referral/store/sealed_values.h"

namespace veille::referral {
namespace {

using db::Query;

// What is sealed about the person leaves its row only while the assignment is open.
constexpr Query kGetCase{"cases.get", R"sql(
  SELECT r.referral_id, a.assignment_id, r.version, a.fence, a.state AS assignment_state, r.state,
         r.need, r.urgency, r.commune_code, r.time_zone, a.assigned_time, r.acknowledge_deadline,
         r.campaign_id,
         CASE WHEN a.state = 2 THEN r.outcome ELSE '' END AS outcome,
         CASE WHEN a.state = 1 THEN r.words ELSE '' END AS words,
         CASE WHEN a.state = 1 THEN r.contact ELSE '' END AS contact,
         CASE WHEN a.state = 1 THEN r.basis ELSE '' END AS basis
  FROM assignments AS a
  JOIN referrals AS r ON r.landlord_id = a.landlord_id AND r.referral_id = a.referral_id
  WHERE a.landlord_id = $1::uuid AND a.partner_id = $2::uuid AND a.referral_id = $3::uuid
  ORDER BY a.fence DESC LIMIT 1
)sql"};

constexpr Query kListCases{"cases.list", R"sql(
  SELECT r.referral_id, a.assignment_id, r.version, a.fence, a.state AS assignment_state, r.state,
         r.need, r.urgency, r.commune_code, r.time_zone, a.assigned_time, r.acknowledge_deadline,
         r.campaign_id,
         CASE WHEN a.state = 2 THEN r.outcome ELSE '' END AS outcome,
         ''::bytea AS words, ''::bytea AS contact, ''::bytea AS basis
  FROM assignments AS a
  JOIN referrals AS r ON r.landlord_id = a.landlord_id AND r.referral_id = a.referral_id
  WHERE a.landlord_id = $1::uuid AND a.partner_id = $2::uuid AND a.assignment_id < $3::uuid
    AND NOT EXISTS (
      SELECT FROM assignments AS later
      WHERE later.landlord_id = a.landlord_id AND later.referral_id = a.referral_id
        AND later.partner_id = a.partner_id AND later.fence > a.fence)
    AND (cardinality($4::integer[]) = 0
         OR CASE a.state WHEN 3 THEN 6 WHEN 4 THEN 7 ELSE r.state END = ANY($4::integer[]))
  ORDER BY a.assignment_id DESC LIMIT $5::integer
)sql"};

}  // namespace

PartnerCase CaseStore::FromRow(const db::Row& row) const {
  const auto assignment = static_cast<AssignmentState>(row.Get<int>("assignment_state"));
  PartnerCase found;
  found.id = row.Get<ids::ReferralId>("referral_id");
  found.campaign = row.Get<ids::CampaignId>("campaign_id");
  found.assignment = row.Get<AssignmentId>("assignment_id");
  found.version = row.Get<int64_t>("version");
  found.fence = row.Get<int64_t>("fence");
  found.state = ShownState(assignment, static_cast<ReferralState>(row.Get<int>("state")));
  found.urgency = static_cast<Urgency>(row.Get<int>("urgency"));
  found.commune = row.Get<std::string>("commune_code");
  found.time_zone = row.Get<std::string>("time_zone");
  found.assign_time = row.Get<absl::Time>("assigned_time");
  found.acknowledge_deadline = row.Find<absl::Time>("acknowledge_deadline");
  found.superseded =
      assignment == AssignmentState::kSuperseded || assignment == AssignmentState::kDeclined;
  return found;
}

absl::Status CaseStore::OpenSealed(const db::Row& row, PartnerCase& found) const {
  const SealedRow sealed(seal_, "referrals", landlord_, found.campaign, found.id.uuid());
  ASSIGN_OR_RETURN(const int need, sealed.OpenNumber("need", row.Get<db::Bytes>("need")));
  ASSIGN_OR_RETURN(const int outcome, sealed.OpenNumber("outcome", row.Get<db::Bytes>("outcome")));
  ASSIGN_OR_RETURN(found.words, sealed.Open("words", row.Get<db::Bytes>("words")));
  ASSIGN_OR_RETURN(const std::string contact,
                   sealed.Open("contact", row.Get<db::Bytes>("contact")));
  found.need = static_cast<Need>(need);
  found.outcome = static_cast<ReferralOutcome>(outcome);
  if (!contact.empty()) {
    ASSIGN_OR_RETURN(found.person, ContactFromJson(contact));
  }
  if (found.need == Need::kMunicipalRegister) {
    ASSIGN_OR_RETURN(found.register_entry, OpenRegisterEntry(sealed, row.Get<db::Bytes>("basis")));
  }
  return absl::OkStatus();
}

absl::StatusOr<PartnerCase> CaseStore::Get(ids::ReferralId referral) {
  const db::Rows rows = tx_.Run(kGetCase, landlord_, partner_, referral);
  if (rows.empty()) return errors::ReferralNotFound();
  PartnerCase found = FromRow(rows[0]);
  RETURN_IF_ERROR(OpenSealed(rows[0], found));
  Minimise(found);
  return found;
}

std::vector<PartnerCase> CaseStore::List(const std::vector<ReferralState>& states, ids::Uuid before,
                                         int limit) {
  std::vector<PartnerCase> cases;
  for (const db::Row row :
       tx_.Run(kListCases, landlord_, partner_, before, NumbersOf(states), limit)) {
    PartnerCase& listed = cases.emplace_back(FromRow(row));
    if (!OpenSealed(row, listed).ok()) LogUnreadable(listed.id);
    Minimise(listed);
  }
  return cases;
}

}  // namespace veille::referral
