#include "referral/handlers/watching.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "common/async/either_stop.h"
#include "common/privacy/audit_trail.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "referral/changes/change_feed.h"
#include "referral/convert/referral_watch.h"
#include "referral/store/change_store.h"
#include "referral/store/referral_audit.h"

namespace veille::referral::handlers {
namespace {

// Where the watch begins, with its trace.
async::Task<absl::StatusOr<ChangePlace>> Begin(RequestContext& context,
                                               const ReferralWatch& watch) {
  auto begun = co_await context.db().Write([&](db::WriteTx& tx) -> absl::StatusOr<ChangePlace> {
    // Before the trace, which is a transaction under way itself.
    const ChangePlace place = watch.after.has_value() ? *watch.after : ReadHorizon(tx);
    privacy::AppendAuditEvent(
        tx, context.Audit("referral list", context.landlord().uuid(), kReferralPurpose));
    return place;
  });
  co_return begun;
}

// What comes after the place: from memory where it is known, else from the database.
async::Task<absl::StatusOr<ChangeFeed::Seen>> LookAfter(RequestContext& context,
                                                        const ChangeFeed::Follower& follower,
                                                        const ChangePlace& place) {
  ChangeFeed::Seen seen = follower.After(place);
  if (seen.is_known) co_return seen;
  const std::vector<ChangesAfter> after = {{context.landlord(), place}};
  const int most = context.changes().page_size();
  auto read =
      co_await context.db().Read([&](db::ReadTx& tx) -> absl::StatusOr<std::vector<ChangePage>> {
        return ReadChanges(tx, after, most);
      });
  CO_ASSIGN_OR_RETURN(std::vector<ChangePage> pages, std::move(read));
  seen.end = pages[0].end;
  seen.page = std::make_shared<const ChangePage>(std::move(pages[0]));
  co_return seen;
}

pb::WatchReferralsResponse Answer(const ReferralWatch& watch, const ChangePlace& place,
                                  const ChangeFeed::Seen& seen) {
  pb::WatchReferralsResponse response;
  response.set_resume_token(ResumeToken(seen.end));
  if (seen.page == nullptr) return response;
  for (const ReferralChange& change : seen.page->changes) {
    if (change.place > place && IsAskedFor(watch, change))
      *response.add_changes() = ToProto(change);
  }
  return response;
}

}  // namespace

async::Task<absl::Status> WatchReferrals(RequestContext& context,
                                         const pb::WatchReferralsRequest& request,
                                         rpc::StreamWriter<pb::WatchReferralsResponse>& writer) {
  CO_ASSIGN_OR_RETURN(const ReferralWatch watch, FromProto(request));
  CO_ASSIGN_OR_RETURN(ChangePlace place, co_await Begin(context, watch));
  const ChangeFeed::Follower follower(context.changes(), context.landlord(), place);
  const async::EitherStop end(context.stop(), context.drain());
  const absl::Duration heartbeat = context.changes().heartbeat();
  pb::WatchReferralsResponse begun;
  begun.set_resume_token(ResumeToken(place));
  const bool is_heard = co_await writer.Write(begun);
  if (!is_heard) co_return errors::Cancelled();
  absl::Time last_answer = absl::Now();
  for (;;) {
    const async::EitherStop stop(end.token(), follower.changed());  // before the look
    CO_ASSIGN_OR_RETURN(const ChangeFeed::Seen seen, co_await LookAfter(context, follower, place));
    const pb::WatchReferralsResponse response = Answer(watch, place, seen);
    const bool has_moved = seen.page != nullptr;
    place = seen.end;
    if (response.changes_size() > 0 || absl::Now() >= last_answer + heartbeat) {
      const bool taken = co_await writer.Write(response);
      if (!taken) co_return errors::Cancelled();
      last_answer = absl::Now();
    }
    if (has_moved && !end.token().stop_requested()) continue;
    const absl::Time until = std::min(last_answer + heartbeat, context.deadline());
    co_await context.timers().Sleep(until - absl::Now(), stop.token());
    if (context.stop().stop_requested()) co_return errors::Cancelled();
    if (context.drain().stop_requested()) co_return errors::Draining();
    if (absl::Now() >= context.deadline()) co_return errors::DeadlinePassed();
    co_await context.executor().Hop();  // off the thread of the timers
  }
}

}  // namespace veille::referral::handlers
