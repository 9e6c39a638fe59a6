#include "common/audit/handlers.h"

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"
#include "common/audit/convert.h"
#include "common/audit/store.h"
#include "common/audit/verifying.h"
#include "common/status/macros.h"

namespace veille::audit::handlers {
namespace {

constexpr char kKind[] = "audit trail";
constexpr char kPurpose[] = "supervision";

// One read of a verification, and the time after which no further one is begun for an answer.
constexpr int64_t kEventsPerRead = 4000;
constexpr absl::Duration kPartTime = absl::Seconds(3);

const Head* PointerTo(const std::optional<Head>& head) {
  return head.has_value() ? &*head : nullptr;
}

// That somebody looked, in a transaction of its own: the reads that follow are many.
async::Task<absl::Status> AppendLook(AuditContext& context) {
  absl::Status appended = co_await context.db().Write([&](db::WriteTx& tx) -> absl::Status {
    privacy::AppendAuditEvent(tx, context.Audit(kKind, context.landlord().uuid(), kPurpose));
    return absl::OkStatus();
  });
  co_return appended;
}

void Tell(const AuditContext& context, const Verification& verification,
          pb::VerifyAuditTrailResponse& response) {
  response.set_service(context.chain().service);
  response.set_verified_events(verification.verified());
  response.set_erased_events(verification.erased());
  response.set_signatures_verified(context.keys() != nullptr);
  for (const Problem& problem : verification.problems()) {
    *response.add_problems() = ToProto(problem);
  }
  response.set_more_problems(verification.found() - response.problems_size());
  if (verification.reached().batch > 0) {
    *response.mutable_to_head() = ToProto(context.chain(), verification.reached());
  }
}

}  // namespace

async::Task<absl::StatusOr<pb::ListAuditEventsResponse>> ListAuditEvents(
    AuditContext& context, const pb::ListAuditEventsRequest& request) {
  CO_ASSIGN_OR_RETURN(const EventListing listing, FromProto(request));
  auto listed = co_await context.db().Write(
      [&](db::WriteTx& tx) -> absl::StatusOr<std::vector<ChainedEvent>> {
        std::vector<ChainedEvent> events = ListEvents(tx, context.landlord(), listing.filter,
                                                      listing.after, listing.page_size + 1);
        // After the list, which does not show the look at itself.
        const ids::Uuid object = listing.filter.object.value_or(context.landlord().uuid());
        privacy::AppendAuditEvent(tx, context.Audit(kKind, object, kPurpose));
        return events;
      });
  CO_ASSIGN_OR_RETURN(std::vector<ChainedEvent> events, std::move(listed));
  pb::ListAuditEventsResponse response;
  if (events.size() > static_cast<size_t>(listing.page_size)) {
    events.resize(static_cast<size_t>(listing.page_size));
    response.set_next_page_token(EventToken(events.back()));
  }
  for (const ChainedEvent& event : events)
    *response.add_events() = ToProto(context.chain().service, event);
  co_return response;
}

async::Task<absl::StatusOr<pb::VerifyAuditTrailResponse>> VerifyAuditTrail(
    AuditContext& context, const pb::VerifyAuditTrailRequest& request) {
  const Chain chain = context.chain();
  CO_ASSIGN_OR_RETURN(const VerificationRequest asked, FromProto(chain, request));
  if (asked.from.batch == 0) CO_RETURN_IF_ERROR(co_await AppendLook(context));
  const absl::Time begun = absl::Now();
  const absl::Time until = begun + std::min(kPartTime, (context.deadline() - begun) / 2);
  Head reached = asked.from.batch == 0 ? Genesis(chain) : asked.from;
  std::optional<Verification> verification;
  pb::VerifyAuditTrailResponse response;
  bool is_end = false;
  do {
    auto read = co_await context.db().Read([&](db::ReadTx& tx) -> absl::StatusOr<TrailPart> {
      return ReadPart(tx, chain.landlord, reached, kEventsPerRead, asked.known);
    });
    CO_ASSIGN_OR_RETURN(const TrailPart part, std::move(read));
    co_await context.executor().Hop();
    if (!verification.has_value()) {
      verification.emplace(chain, reached, part.now - context.keep(), context.keys());
      verification->TakeFrom(PointerTo(part.from));
      if (part.from.has_value()) *response.mutable_from_head() = ToProto(chain, *part.from);
    }
    Verify(part, asked.known, *verification);
    reached = verification->reached();
    is_end = part.end.has_value();
    if (is_end) response.set_waiting_events(part.end->waiting);
  } while (!is_end && absl::Now() < until);
  Tell(context, *verification, response);
  if (!is_end) response.set_next_page_token(VerificationToken(reached));
  co_return response;
}

async::Task<absl::StatusOr<pb::GetAuditHeadResponse>> GetAuditHead(AuditContext& context,
                                                                   const pb::GetAuditHeadRequest&) {
  auto found =
      co_await context.db().Write([&](db::WriteTx& tx) -> absl::StatusOr<std::optional<Head>> {
        std::optional<Head> head = FindNewestHead(tx, context.landlord());
        privacy::AppendAuditEvent(tx, context.Audit(kKind, context.landlord().uuid(), kPurpose));
        return head;
      });
  CO_ASSIGN_OR_RETURN(const std::optional<Head> head, std::move(found));
  pb::GetAuditHeadResponse response;
  if (head.has_value()) *response.mutable_head() = ToProto(context.chain(), *head);
  co_return response;
}

}  // namespace veille::audit::handlers
