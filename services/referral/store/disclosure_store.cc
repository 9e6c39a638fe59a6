#include "referral/store/disclosure_store.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/errors.h"
#include "referral/store/sealed_values.h"

namespace veille::referral {
namespace {

using nlohmann::json;
using DisclosureId = ids::Id<struct DisclosureTag>;

// In one order, so that two who tell the same cases at once do not wait for each other.
constexpr db::Query kRecordDisclosures{"disclosures.record", R"sql(
  INSERT INTO disclosures AS d (landlord_id, referral_id, fence, way, items_blind, disclosure_id, items,
                                first_time, last_time)
  SELECT landlord_id, referral_id, fence, $1::smallint, items_blind, disclosure_id, items,
         $2::timestamptz, $2::timestamptz
  FROM unnest($3::uuid[], $4::uuid[], $5::bigint[], $6::bytea[], $7::uuid[], $8::bytea[])
    AS told (landlord_id, referral_id, fence, items_blind, disclosure_id, items)
  ORDER BY landlord_id, referral_id, fence
  ON CONFLICT (landlord_id, referral_id, fence, way, items_blind) DO UPDATE
  SET times = d.times + 1, first_time = least(d.first_time, excluded.first_time),
      last_time = greatest(d.last_time, excluded.last_time)
)sql"};

// What is sealed is as long as what is in it: without this, a thin push of meals and one of
// medicines, or a list of closed cases by their outcomes, could be told apart.
constexpr size_t kPaddedTo = 512;

}  // namespace

const db::Query& RecordDisclosuresQuery() { return kRecordDisclosures; }

std::string ToJson(const std::vector<DisclosedItem>& items) {
  json list = json::array();
  for (const DisclosedItem& item : items) {
    list.push_back(json{{"name", item.name}, {"values", item.values}});
  }
  std::string text = list.dump();
  text.append((kPaddedTo - text.size() % kPaddedTo) % kPaddedTo, ' ');
  return text;
}

absl::StatusOr<std::vector<DisclosedItem>> ItemsFromJson(const std::string& text) {
  const json list = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!list.is_array()) return errors::Internal("a sealed value cannot be read");
  std::vector<DisclosedItem> items;
  for (const json& item : list) {
    if (!item.is_object()) return errors::Internal("a sealed value cannot be read");
    items.push_back({.name = item.value("name", ""),
                     .values = item.value("values", std::vector<std::string>())});
  }
  return items;
}

void RecordDisclosures(db::WriteTx& tx, const privacy::Seal& seal, DisclosureWay way,
                       const std::vector<Telling>& told, absl::Time now) {
  std::vector<ids::LandlordId> landlords;
  std::vector<ids::ReferralId> referrals;
  std::vector<int64_t> fences;
  std::vector<db::Bytes> blinds;
  std::vector<DisclosureId> disclosures;
  std::vector<db::Bytes> sealed;
  for (const Telling& telling : told) {
    if (telling.items.empty()) continue;
    const std::string items = ToJson(telling.items);
    const DisclosureId id = disclosures.emplace_back(DisclosureId::Random());
    landlords.push_back(telling.landlord);
    referrals.push_back(telling.referral);
    fences.push_back(telling.fence);
    // With the referral in it: the same items of two people are not alike.
    blinds.push_back(
        seal.Blind(telling.campaign, absl::StrCat(telling.referral.ToString(), items)));
    sealed.push_back(SealedRow(seal, "disclosures", telling.landlord, telling.campaign, id.uuid())
                         .Close("items", items));
  }
  if (fences.empty()) return;
  tx.Queue(kRecordDisclosures, static_cast<int>(way), now, landlords, referrals, fences, blinds,
           disclosures, sealed);
}

}  // namespace veille::referral
