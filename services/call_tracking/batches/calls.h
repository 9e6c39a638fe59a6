#pragma once

// The hot path: lease, renew and record, each shared by all who call at the same time (one
// transaction for up to 256 of them, see common/async/coalescer.h).
//
// Everything here may run again after a connection broke or a batch failed: asks carry the ids of
// what they make, and request ids, leases and fences tell what has been done.
//
// Threads: any. Ownership: made by main, outlives the server; `Close()` before the database closes.

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "call_tracking/batches/pinned_campaigns.h"
#include "call_tracking/clients/contact_sheets.h"
#include "call_tracking/domain/call.h"
#include "call_tracking/domain/household.h"
#include "call_tracking/store/lease_store.h"
#include "common/async/coalescer.h"
#include "common/async/started.h"
#include "common/async/task.h"
#include "common/db/database.h"
#include "common/privacy/seal.h"
#include "common/telemetry/metrics.h"

namespace veille::call_tracking {

struct CallsOptions {
  absl::Duration lease_length = absl::Minutes(15);
  // For one batch; a caller whose deadline passes meanwhile is answered when the batch is.
  absl::Duration batch_timeout = absl::Seconds(10);
  size_t calls_per_batch = 256;
  int batches_in_flight = 1;  // of each kind
};

// A lease, and its contact sheet on the way.
struct LeasedCall : LeaseAnswer {
  using Sheet = async::Started<absl::StatusOr<ContactSheet>>;
  // Of kGranted: asked for while the lease was being committed. Null: nobody asked.
  std::shared_ptr<Sheet> sheet = nullptr;
};

// One call to be recorded, triaged and settled.
struct RecordAsk {
  ids::LandlordId landlord;
  std::string subject;  // the volunteer, as in the credentials
  CallRecord call;
  std::shared_ptr<const PinnedCampaign> campaign;
  ids::AttemptId attempt;         // the id of what is stored
  std::vector<Finding> findings;  // with ids, settled
  std::vector<Answer> answers;    // those that may be stored
  std::string request;            // serialised: kept whole if the record comes too late
  absl::Time now;
};

enum class RecordVerdict {
  kRecorded,
  kLate,      // somebody else got the household: kept whole, for the coordinator
  kRepeated,  // this request has recorded this lease before
  kLeaseNotFound,
  kLeaseFinished,
  kFenceMismatch,
  kUnknownSubject,
  kUnknownReferral,
  kRequestReused,
};

struct RecordAnswer {
  RecordVerdict verdict = RecordVerdict::kLeaseNotFound;
  HouseholdStanding household;    // of kRecorded and kLate: from now on
  std::vector<Finding> findings;  // of kRecorded and kLate: as they stand
  std::string unknown;            // of kUnknownSubject, kUnknownReferral: the place in the request
};

// Why a lease is taken back.
enum class Returning {
  // Its caller was not shown it. If it was given to another request of the same volunteer
  // meanwhile, which may have shown it, it stays.
  kUnshown,
  // The register knows the household no more: it is not offered again at once.
  kGone,
};

class Calls {
 public:
  // `sheets` may be null: nobody asks for them then.
  Calls(db::Database& database, const privacy::Seal& seal, ContactSheets* sheets,
        CallsOptions options = {});

  // The volunteer's live lease, or a new one. Asks again when somebody else was faster. The contact
  // sheet is asked for within `for_sheet`.
  async::Task<absl::StatusOr<LeasedCall>> Lease(LeaseAsk ask, db::Limits limits,
                                                db::Limits for_sheet);

  async::Task<absl::StatusOr<RenewAnswer>> Renew(RenewAsk ask, db::Limits limits);

  async::Task<absl::StatusOr<RecordAnswer>> Record(RecordAsk ask, db::Limits limits);

  // Takes back a lease without a call sheet, in the service's own time: the caller may have gone,
  // or ask again with the same request.
  async::Task<absl::Status> Return(LeaseRef ref, int64_t fence, Returning why);

  // Refuses new asks and waits for those that are waiting. Blocks.
  void Close();

  // How large the batches are.
  void Expose(metrics::Scrape& scrape) const;

 private:
  struct LeaseItem {
    LeaseAsk ask;
    db::Limits for_sheet;
  };
  using Leases = async::Coalescer<LeaseItem, LeasedCall>;
  using Renewals = async::Coalescer<RenewAsk, RenewAnswer>;
  using Records = async::Coalescer<RecordAsk, RecordAnswer>;

  async::Task<absl::StatusOr<Leases::Results>> FlushLeases(std::vector<const LeaseItem*> items);
  async::Task<absl::StatusOr<Renewals::Results>> FlushRenewals(std::vector<const RenewAsk*> asks);
  async::Task<absl::StatusOr<Records::Results>> FlushRecords(std::vector<const RecordAsk*> asks);
  void FetchSheetsWhileCommitting(db::WriteTx& tx, const std::vector<const LeaseItem*>& items,
                                  std::vector<LeasedCall>& calls);
  async::Task<absl::Status> EndExpired(db::Limits limits);

  db::Database& database_;
  const privacy::Seal& seal_;
  ContactSheets* const sheets_;
  const CallsOptions options_;
  metrics::Histogram lease_sizes_{metrics::kBatchBounds};
  metrics::Histogram renewal_sizes_{metrics::kBatchBounds};
  metrics::Histogram record_sizes_{metrics::kBatchBounds};
  Leases leases_;
  Renewals renewals_;
  Records records_;
};

}  // namespace veille::call_tracking
