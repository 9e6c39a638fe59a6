#include "call_tracking/batches/pinned_campaigns.h"

#include "call_tracking/convert/script.h"
#include "call_tracking/store/campaign_store.h"
#include "call_tracking/store/script_store.h"
#include "common/status/errors.h"
#include "common/status/macros.h"

namespace veille::call_tracking {
namespace {

absl::StatusOr<PinnedCampaign> Load(db::ReadTx& tx, ids::LandlordId landlord, ids::CampaignId id) {
  PinnedCampaign pinned;
  ASSIGN_OR_RETURN(pinned.campaign, CampaignStore(tx).Get(landlord, id));
  const CampaignDraft& draft = pinned.campaign.draft;
  const auto stored = ScriptStore(tx).Find(landlord, draft.script, draft.script_version);
  if (!stored.has_value()) return errors::Internal("a campaign's script is missing");
  ASSIGN_OR_RETURN(pinned.script, FromBody(stored->body));
  pinned.script.id = stored->id;
  pinned.script.version = stored->version;
  return pinned;
}

bool IsFixed(const Campaign& campaign) {
  return campaign.state != CampaignState::kDraft && campaign.state != CampaignState::kOpening;
}

}  // namespace

async::Task<absl::StatusOr<std::shared_ptr<const PinnedCampaign>>> PinnedCampaigns::Get(
    ids::LandlordId landlord, ids::CampaignId campaign, db::Limits limits) {
  const Key key(landlord, campaign);
  {
    absl::MutexLock lock(&mutex_);
    const auto found = known_.find(key);
    if (found != known_.end()) co_return found->second;
  }
  auto loaded = co_await database_.Read(std::move(limits), [landlord, campaign](db::ReadTx& tx) {
    return Load(tx, landlord, campaign);
  });
  CO_ASSIGN_OR_RETURN(PinnedCampaign pinned, std::move(loaded));
  auto kept = std::make_shared<const PinnedCampaign>(std::move(pinned));
  if (IsFixed(kept->campaign)) {
    absl::MutexLock lock(&mutex_);
    known_[key] = kept;
  }
  co_return kept;
}

}  // namespace veille::call_tracking
