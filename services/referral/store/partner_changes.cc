#include "referral/store/partner_changes.h"

#include "common/status/macros.h"
#include "referral/errors.h"
#include "referral/store/partner_rests.h"
#include "referral/store/partner_store.h"

namespace veille::referral {
namespace {

using db::Query;

constexpr Query kLockPartner{"partners.lock", R"sql(
  SELECT partner_id FROM partners
  WHERE landlord_id = $1::uuid AND partner_id = $2::uuid FOR NO KEY UPDATE
)sql"};

constexpr Query kHasName{"partners.has_name", R"sql(
  SELECT partner_id FROM partners
  WHERE landlord_id = $1::uuid AND name = $3 AND partner_id <> $2::uuid
)sql"};

constexpr Query kUpdatePartner{"partners.update", R"sql(
  UPDATE partners
  SET name = $3, kind = $4::smallint, endpoint = $5, contact_phone = $6, second_role = $7,
      second_phone = $8, payload = $9::smallint, capacity = $10::integer, version = version + 1
  WHERE landlord_id = $1::uuid AND partner_id = $2::uuid
)sql"};

constexpr Query kSetIntake{"partners.set_intake", R"sql(
  UPDATE partners SET intake = $3::smallint, capacity = $4::integer, version = version + 1
  WHERE landlord_id = $1::uuid AND partner_id = $2::uuid
)sql"};

constexpr Query kSuspendPartner{"partners.suspend", R"sql(
  UPDATE partners SET state = 2, suspension = $3::smallint, version = version + 1
  WHERE landlord_id = $1::uuid AND partner_id = $2::uuid
)sql"};

constexpr Query kIsActiveAt{"partners.is_active_at", R"sql(
  SELECT partner_id FROM partners
  WHERE landlord_id = $1::uuid AND partner_id = $2::uuid AND endpoint = $3 AND state = 1
  FOR NO KEY UPDATE
)sql"};

constexpr Query kResumePartner{"partners.resume", R"sql(
  UPDATE partners
  SET state = CASE WHEN on_trial THEN 3 ELSE 1 END, suspension = 0, version = version + 1
  WHERE landlord_id = $1::uuid AND partner_id = $2::uuid AND state = 2
)sql"};

}  // namespace

absl::StatusOr<Partner> PartnerChanges::Lock(ids::PartnerId partner) {
  if (tx_.Run(kLockPartner, landlord_, partner).empty()) return errors::PartnerNotFound();
  return PartnerReader(tx_, landlord_).Get(partner);
}

bool PartnerChanges::Update(ids::PartnerId partner, const PartnerDraft& draft) {
  if (!tx_.Run(kHasName, landlord_, partner, draft.name).empty()) return false;
  tx_.Run(kUpdatePartner, landlord_, partner, draft.name, static_cast<int>(draft.kind),
          draft.endpoint, draft.contact_phone, draft.second_contact.role,
          draft.second_contact.phone, static_cast<int>(draft.payload), draft.capacity);
  PartnerStore(tx_, landlord_).ReplaceCoverage(partner, draft.coverage);
  return true;
}

void PartnerChanges::SetIntake(ids::PartnerId partner, PartnerIntake intake, int capacity) {
  tx_.Run(kSetIntake, landlord_, partner, static_cast<int>(intake), capacity);
}

std::vector<NotTold> PartnerChanges::Pause(ids::PartnerId partner) {
  return Suspend(partner, PartnerSuspension::kPaused);
}

std::optional<std::vector<NotTold>> PartnerChanges::SuspendGone(ids::PartnerId partner,
                                                                const std::string& endpoint) {
  if (tx_.Run(kIsActiveAt, landlord_, partner, endpoint).empty()) return std::nullopt;
  return Suspend(partner, PartnerSuspension::kEndpointGone);
}

std::vector<NotTold> PartnerChanges::Suspend(ids::PartnerId partner, PartnerSuspension why) {
  tx_.Run(kSuspendPartner, landlord_, partner, static_cast<int>(why));
  return PartnerRests(tx_, landlord_, partner).RestForGood();
}

void PartnerChanges::Resume(ids::PartnerId partner) {
  tx_.Run(kResumePartner, landlord_, partner);
  PartnerRests(tx_, landlord_, partner).End();
}

}  // namespace veille::referral
