#pragma once

// A trace of each look at and change of personal data, appended in the transaction of the act: if
// the act is undone, so is its trace, and there is no act without one. Identifiers only, no
// content. A loop (common/audit/chainer.h) chains what is appended here.

#include <string_view>
#include <vector>

#include "common/db/transaction.h"
#include "common/ids/uuid.h"

namespace veille::privacy {

struct AuditEvent {
  ids::LandlordId landlord;
  std::string_view actor_role;   // "volunteer"
  std::string_view actor;        // the subject of the identity
  std::string_view method;       // "GetMyReferral"
  std::string_view object_kind;  // "household", "referral"
  ids::Uuid object;
  std::string_view purpose;  // why: "welfare call", "referral to partner"
  std::string_view outcome = "done";
  // Whose record it is when the object is something else of a household: "who saw household X"
  // finds it by this. Nil when it is nobody's.
  ids::HouseholdId household = {};
  // Why it is read outside the caller's own work (break the glass), in words of the programme.
  std::string_view reason = {};
};

void AppendAuditEvent(db::WriteTx& tx, const AuditEvent& event);

// What a list showed: an event like `event` for each of these objects, with its household.
struct AuditedObject {
  ids::Uuid object;
  ids::HouseholdId household = {};
};
void AppendAuditEvents(db::WriteTx& tx, const AuditEvent& event,
                       const std::vector<AuditedObject>& objects);

}  // namespace veille::privacy
