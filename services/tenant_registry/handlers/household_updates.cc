#include "tenant_registry/handlers/household_updates.h"

#include <utility>
#include <vector>

#include "common/db/request_ledger.h"
#include "common/rpc/fields.h"
#include "common/status/macros.h"
#include "tenant_registry/convert/household.h"
#include "tenant_registry/convert/household_update.h"
#include "tenant_registry/domain/communes.h"
#include "tenant_registry/errors.h"
#include "tenant_registry/handlers/announcements.h"
#include "tenant_registry/handlers/register_day.h"
#include "tenant_registry/store/change_store.h"
#include "tenant_registry/store/correction_store.h"
#include "tenant_registry/store/household_store.h"
#include "tenant_registry/store/landlord_store.h"

namespace veille::tenant_registry::handlers {
namespace {

constexpr std::string_view kCorrectionPurpose = "correcting what the register says";

absl::StatusOr<Household> Load(db::WriteTx& tx, LandlordId landlord, HouseholdId id) {
  std::vector<Household> found = HouseholdReader(tx, landlord).Load({id});
  if (found.empty()) return errors::HouseholdNotFound();
  return std::move(found[0]);
}

// Where the household lives says how its numbers are typed.
std::string_view RegionOf(const Household& household) {
  const Commune* commune = Communes::All().Find(household.dwelling.commune_code);
  return commune == nullptr ? "FR" : commune->region;
}

// What the correction did that call-tracking must hear of, phones excepted.
absl::StatusOr<CorrectionEffect> Store(const RequestContext& context, db::WriteTx& tx,
                                       const Household& household,
                                       const HouseholdCorrection& correction) {
  const std::string_view region = RegionOf(household);
  const ReadList phones =
      correction.phones.has_value() ? ReadTyped(*correction.phones, region) : ReadList();
  const ReadContacts contacts = correction.key_contacts.has_value()
                                    ? ReadTyped(*correction.key_contacts, region)
                                    : ReadContacts();
  RETURN_IF_ERROR(Unreadable(phones, contacts));
  const auto key = LandlordStore(tx).FindPhoneKey(context.landlord());
  if (!key.has_value()) return errors::HouseholdNotFound();
  CorrectionStore store(tx, context.landlord(), household.id, *key);
  CorrectionEffect effect;
  if (correction.phones.has_value()) store.ReplacePhones(phones.phones);
  if (correction.key_contacts.has_value()) store.ReplaceKeyContacts(contacts.contacts);
  if (!correction.tenants.empty() &&
      !store.CorrectTenants(correction.tenants, context.now(), effect)) {
    return errors::HouseholdNotFound();
  }
  if (correction.objection.has_value()) {
    effect.household_objects = store.SetObjection(*correction.objection, context.now());
  }
  if (correction.state.has_value()) effect.household_left = store.SetState(*correction.state);
  return effect;
}

// A version of the household is taken in once: each change that ends calls gets one of its own.
void AnnounceEffect(const RequestContext& context, db::WriteTx& tx, const Reach& before,
                    const CorrectionEffect& effect) {
  HouseholdStore households(tx, context.landlord());
  std::vector<HouseholdChange> changes = EndingChanges(before.household, effect);
  for (HouseholdChange& change : changes) change.version = households.Bump(before.household);
  if (changes.empty()) households.Bump(before.household);
  Reach after = std::move(ReadReach(tx, context.landlord(), {before.household})[0]);
  if (after.phone_hashes != before.phone_hashes) {
    changes.push_back(
        {after.household, after.version, ChangeKind::kPhones, {}, std::move(after.phone_hashes)});
  }
  Announce(context, tx, changes);
}

absl::StatusOr<Household> Update(const RequestContext& context, db::WriteTx& tx,
                                 const HouseholdUpdate& update) {
  ASSIGN_OR_RETURN(const auto taken,
                   db::TakeRequest(tx, context.landlord(), update.request, context.method(),
                                   update.household.uuid(), /*same_object=*/true));
  const auto locked = HouseholdStore(tx, context.landlord()).Lock(update.household);
  if (!locked.has_value()) return errors::HouseholdNotFound();
  // Of a repetition too: it shows the household.
  privacy::AppendAuditEvent(
      tx, context.Audit("household", update.household.uuid(), kCorrectionPurpose));
  if (taken.repeated) return Load(tx, context.landlord(), update.household);
  if (!update.etag.empty() && update.etag != rpc::Etag(locked->version)) {
    return ::veille::errors::EtagMismatch();
  }
  ASSIGN_OR_RETURN(const Household before, Load(tx, context.landlord(), update.household));
  const Reach reach = std::move(ReadReach(tx, context.landlord(), {update.household})[0]);
  ASSIGN_OR_RETURN(const CorrectionEffect effect, Store(context, tx, before, update.correction));
  AnnounceEffect(context, tx, reach, effect);
  return Load(tx, context.landlord(), update.household);
}

}  // namespace

async::Task<absl::StatusOr<pb::UpdateHouseholdResponse>> UpdateHousehold(
    RequestContext& context, const pb::UpdateHouseholdRequest& request) {
  CO_ASSIGN_OR_RETURN(const HouseholdUpdate update, FromProto(request, RegisterDay(context.now())));
  auto stored =
      co_await context.db().Write([&](db::WriteTx& tx) { return Update(context, tx, update); });
  CO_ASSIGN_OR_RETURN(const Household household, std::move(stored));
  context.WakeRelay();
  pb::UpdateHouseholdResponse response;
  *response.mutable_household() = ToProto(household);
  co_return response;
}

}  // namespace veille::tenant_registry::handlers
