#pragma once

// Leases, a whole batch in one statement each. A refusal is a verdict, never an exception: it does
// not disturb its batch. Everything by the database's clock, except call hours and the campaign's
// period, which take the time at which each caller asked.

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "call_tracking/domain/call.h"
#include "common/db/transaction.h"

namespace veille::call_tracking {

struct LeaseAsk {
  ids::LandlordId landlord;
  ids::CampaignId campaign;
  std::string subject;  // the volunteer, as in the credentials
  ids::RequestId request;
  ids::LeaseId fresh;  // the id of the lease if one is granted
  absl::Time now;
};

enum class LeaseVerdict {
  kGranted,
  kHeld,  // the volunteer holds a live lease: this one
  kCampaignNotFound,
  kNotEnrolled,
  kNotRunning,
  kNoneDue,
  kLost,      // a household was there and somebody else was faster: ask again
  kStale,     // the volunteer's lease has run out and was not ended yet: end those first, ask again
  kFinished,  // this request was given a lease before, which has ended
  kRequestReused,
  kOwnDue,  // inside GrantLeases only
};

struct LeaseAnswer {
  LeaseVerdict verdict = LeaseVerdict::kNoneDue;
  Lease lease;  // of kGranted and kHeld
};

// At most one ask per volunteer. One answer per ask, in order.
std::vector<LeaseAnswer> GrantLeases(db::WriteTx& tx, const std::vector<const LeaseAsk*>& asks,
                                     absl::Duration length);

struct LeaseRef {
  ids::LandlordId landlord;
  ids::CampaignId campaign;
  ids::LeaseId lease;
  std::string subject;  // who claims to hold it
};

struct RenewAsk {
  LeaseRef ref;
  ids::RequestId request;
  int64_t fence = 0;
};

enum class RenewVerdict {
  kRenewed,
  kNotFound,
  kFenceMismatch,
  kFinished,
  kExpired,
  kLost,  // it ran out, and somebody else holds the household
  kRequestReused,
};

struct RenewAnswer {
  RenewVerdict verdict = RenewVerdict::kNotFound;
  Lease lease;  // of kRenewed
};

// At most one ask per lease. One answer per ask, in order.
std::vector<RenewAnswer> RenewLeases(db::WriteTx& tx, const std::vector<const RenewAsk*>& asks,
                                     absl::Duration length);

// Ends one live lease without an attempt; its household is due again after `delay`, or waits for a
// decision that came meanwhile. False when there is no such live lease with this fence.
bool ReleaseLease(db::WriteTx& tx, const LeaseRef& ref, int64_t fence, absl::Duration delay);

// The same, and lets the lease's request be granted another. Unless `shown_too`, a lease that was
// given to more than one request stays: somebody may be calling.
bool TakeBackLease(db::WriteTx& tx, const LeaseRef& ref, int64_t fence, bool shown_too,
                   absl::Duration delay);

// Where a lease of the caller stands; absent when it never was the caller's.
struct LeaseStanding {
  std::string state;     // LIVE, RECORDED, RELEASED, EXPIRED
  bool running = false;  // LIVE, and its time has not run out
  bool lost = false;     // somebody else got the household since
  Lease lease;
};
std::optional<LeaseStanding> FindLease(db::ReadTx& tx, const LeaseRef& ref);

// Ends up to `limit` leases whose time has run out, wherever, and puts their households back into
// the queue, due at once; those for which a decision came meanwhile wait for it. Gives how many.
int EndExpiredLeases(db::WriteTx& tx, int limit);

// The statements of GrantLeases and RenewLeases, for measurements and plans.
const db::Query& GrantLeasesQuery();
const db::Query& RenewLeasesQuery();

}  // namespace veille::call_tracking
