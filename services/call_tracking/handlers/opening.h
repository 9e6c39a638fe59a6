#pragma once

// Opening a campaign: its cohort is drawn from the registry page by page, each page committed with
// the place where it ends. Whoever is cut, or races with another, goes on from the last page that
// is stored.

#include "absl/status/statusor.h"
#include "call_tracking/convert/campaign.h"
#include "call_tracking/domain/campaign.h"
#include "call_tracking/request_context.h"
#include "common/async/task.h"

namespace veille::call_tracking::handlers {

// The campaign, running; or an error, with the campaign OPENING or, when its cohort is empty,
// DRAFT.
async::Task<absl::StatusOr<Campaign>> Open(RequestContext& context, CampaignStepRequest step);

}  // namespace veille::call_tracking::handlers
