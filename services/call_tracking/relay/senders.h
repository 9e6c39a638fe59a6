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

// By topic. A need to be shared is sent with how to reach its subject, which the registry is asked
// for at that moment and which is kept nowhere here.
std::map<std::string, outbox::Sender> Senders(const SenderParts& parts);

}  // namespace veille::call_tracking
