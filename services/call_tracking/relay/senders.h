#pragma once

// Brings the facts of recorded calls to the registry and to the referral service.

#include <map>
#include <string>

#include "call_tracking/clients/referral_client.h"
#include "call_tracking/clients/registry_client.h"
#include "common/db/database.h"
#include "common/outbox/relay.h"
#include "common/privacy/seal.h"

namespace veille::call_tracking {

// What senders work with; all of it outlives the relay.
struct SenderParts {
  db::Database& database;
  const privacy::Seal& seal;
  RegistryClient& registry;
  ReferralClient& referral;
};

// By name. A need to be shared is sent with how to reach its subject, which the registry is asked
// for at that moment and which is kept nowhere here. One that the register or the referral service
// refuses for good comes back to a coordinator.
std::map<std::string, outbox::Topic> Topics(const SenderParts& parts);

}  // namespace veille::call_tracking
