#pragma once

// A trace of each look at and change of personal data, appended in the transaction of the act: if
// the act is undone, so is its trace, and there is no act without one. Identifiers only, no
// content.

#include <string_view>

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
};

void AppendAuditEvent(db::WriteTx& tx, const AuditEvent& event);

}  // namespace veille::privacy
