#pragma once

// What calls of a campaign stand on: its script, retry rules and period. None of it changes once
// the campaign has been opened, so it is read once and kept.
//
// Threads: any. Ownership: made by main, outlives the server. State and counts are not kept: they
// change.

#include <memory>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "call_tracking/domain/campaign.h"
#include "call_tracking/domain/script.h"
#include "common/async/task.h"
#include "common/db/database.h"

namespace veille::call_tracking {

struct PinnedCampaign {
  Campaign campaign;  // as it was when it was read
  Script script;
};

class PinnedCampaigns {
 public:
  explicit PinnedCampaigns(db::Database& database) : database_(database) {}

  // CAMPAIGN_NOT_FOUND when the landlord has none of this id.
  async::Task<absl::StatusOr<std::shared_ptr<const PinnedCampaign>>> Get(ids::LandlordId landlord,
                                                                         ids::CampaignId campaign,
                                                                         db::Limits limits);

 private:
  using Key = std::pair<ids::LandlordId, ids::CampaignId>;

  db::Database& database_;
  absl::Mutex mutex_;
  absl::flat_hash_map<Key, std::shared_ptr<const PinnedCampaign>> known_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace veille::call_tracking
