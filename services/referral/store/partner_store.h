#pragma once

// Partners, what they cover and how much they have.

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/db/transaction.h"
#include "common/ids/uuid.h"
#include "referral/domain/partner.h"

namespace veille::referral {

// One more open referral that a partner has been counted for.
struct Room {
  ids::PartnerId partner;
  PartnerKind kind = PartnerKind::kOther;
  bool is_pushed_to = false;  // it has an endpoint; otherwise it is told by hand
};

class PartnerReader {
 public:
  PartnerReader(db::ReadTx& tx, ids::LandlordId landlord) : tx_(tx), landlord_(landlord) {}

  // PARTNER_NOT_FOUND.
  absl::StatusOr<Partner> Get(ids::PartnerId partner);

  // In the order of registration, from the one after `after` (nil: the first).
  std::vector<Partner> List(ids::Uuid after, int limit);

  // The active partners with room that cover the need, and are of a kind that takes it, the first
  // choice first, at most 10: those with a waiting list last. The choice depends on nothing but the
  // register: by name, then by id.
  std::vector<ids::PartnerId> Rank(const std::string& commune, Need need,
                                   const std::vector<ids::PartnerId>& except);

  // Whether the partner has an endpoint; otherwise it is told by hand.
  bool IsPushedTo(ids::PartnerId partner);

  // Whether the partner can be telephoned elsewhere when the first contact did not help.
  bool HasSecondContact(ids::PartnerId partner);

  // One answer per commune and need, in the order given.
  std::vector<CoverageAnswer> CheckCoverage(const std::vector<std::string>& communes,
                                            const std::vector<Need>& needs);

 private:
  void ReadCoverage(std::vector<Partner>& partners);

  db::ReadTx& tx_;
  ids::LandlordId landlord_;
};

class PartnerStore : public PartnerReader {
 public:
  PartnerStore(db::WriteTx& tx, ids::LandlordId landlord)
      : PartnerReader(tx, landlord), tx_(tx), landlord_(landlord) {}

  // False when another partner of the landlord has the name.
  bool Insert(ids::PartnerId partner, const PartnerDraft& draft, absl::Time now);

  void ReplaceCoverage(ids::PartnerId partner, const std::vector<Coverage>& coverage);

  // Counts one more open referral: nothing when the partner is not active or (unless
  // `beyond_capacity`) has no room, which may have changed since Rank.
  std::optional<Room> TakeRoom(ids::PartnerId partner, bool beyond_capacity);
  void LeaveRoom(ids::PartnerId partner);

  // Locks the counters of several partners in one order, so that two exchanges never wait for each
  // other.
  void LockRoom(const std::vector<ids::PartnerId>& partners);

 private:
  db::WriteTx& tx_;
  ids::LandlordId landlord_;
};

// The statements themselves, for what measures them.
const db::Query& RankPartnersQuery();
const db::Query& TakeRoomQuery();

}  // namespace veille::referral
