#include "tenant_registry/handlers/cohorts.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "common/async/both.h"
#include "common/status/macros.h"
#include "tenant_registry/convert/cohort.h"
#include "tenant_registry/store/cohort_store.h"

namespace veille::tenant_registry::handlers {
namespace {

using JudgedPage = std::vector<JudgedHousehold>;

async::Task<absl::StatusOr<JudgedPage>> JudgePage(RequestContext& context, const CohortRule& rule,
                                                  HouseholdId after) {
  absl::StatusOr<JudgedPage> page =
      co_await context.db().Read([&](db::ReadTx& tx) -> absl::StatusOr<JudgedPage> {
        return CohortStore(tx, context.landlord()).JudgePage(rule, after);
      });
  co_return page;
}

// Whom one page of ListLeftOut shows: households in the order of reasons, then refused rows. One
// more than the page has room for, when there is more.
struct LeftOutPage {
  std::vector<JudgedHousehold> households;
  std::vector<LeftOutEntry> refused;

  size_t size() const { return households.size() + refused.size(); }
  // Drops what is too many, and tells where the next page starts.
  std::string CutTo(size_t page_size) {
    if (size() <= page_size) return "";
    households.resize(std::min(households.size(), page_size));
    refused.resize(page_size - households.size());
    if (!refused.empty()) {
      return ToPageToken({LeftOutReason::kRefusedRow, {}, refused.back().row_number});
    }
    return ToPageToken({*households.back().left_out, households.back().id, 0});
  }
};

async::Task<absl::Status> GatherHouseholds(RequestContext& context, const LeftOutQuery& query,
                                           LeftOutReason reason, HouseholdId after,
                                           LeftOutPage& page) {
  while (page.size() <= query.page_size) {
    absl::StatusOr<JudgedPage> read = co_await JudgePage(context, query.rule, after);
    CO_ASSIGN_OR_RETURN(const JudgedPage judged, std::move(read));
    for (const JudgedHousehold& household : judged) {
      if (household.left_out == reason && page.size() <= query.page_size) {
        page.households.push_back(household);
      }
    }
    if (judged.size() < kJudgedPerPage) break;
    after = judged.back().id;
  }
  co_return absl::OkStatus();
}

async::Task<absl::Status> GatherRefused(RequestContext& context, const LeftOutQuery& query,
                                        int64_t after, LeftOutPage& page) {
  const size_t room = query.page_size + 1 - page.size();
  auto read =
      co_await context.db().Read([&](db::ReadTx& tx) -> absl::StatusOr<std::vector<LeftOutEntry>> {
        return CohortStore(tx, context.landlord()).ListRefused(query.rule, after, room);
      });
  CO_ASSIGN_OR_RETURN(page.refused, std::move(read));
  co_return absl::OkStatus();
}

async::Task<absl::StatusOr<LeftOutPage>> Gather(RequestContext& context,
                                                const LeftOutQuery& query) {
  LeftOutPage page;
  for (const LeftOutReason reason : query.reasons) {
    const LeftOutPlace start = query.from.value_or(LeftOutPlace{});
    if (reason < start.reason || page.size() > query.page_size) continue;
    const LeftOutPlace from = reason == start.reason ? start : LeftOutPlace{};
    absl::Status gathered;
    if (reason == LeftOutReason::kRefusedRow) {
      gathered = co_await GatherRefused(context, query, from.after_row, page);
    } else {
      gathered = co_await GatherHouseholds(context, query, reason, from.after, page);
    }
    CO_RETURN_IF_ERROR(gathered);
  }
  co_return page;
}

// Who they are; each look leaves an audit event.
absl::StatusOr<std::vector<LeftOutEntry>> Describe(const RequestContext& context, db::WriteTx& tx,
                                                   const CohortRule& rule,
                                                   const LeftOutPage& page) {
  std::vector<LeftOutEntry> entries =
      CohortStore(tx, context.landlord()).Describe(rule, page.households);
  std::vector<HouseholdId> shown;
  for (const JudgedHousehold& household : page.households) shown.push_back(household.id);
  AppendReadEvents(tx, context.LookAt("acting on who is left out"), shown);
  if (!page.refused.empty()) {
    privacy::AppendAuditEvent(
        tx, context.Audit("refused rows", context.landlord().uuid(), "acting on who is left out"));
  }
  entries.insert(entries.end(), page.refused.begin(), page.refused.end());
  return entries;
}

// Sends what was judged; the sums with the last page.
async::Task<absl::Status> SendPage(RequestContext& context, const CohortSelection& selection,
                                   const JudgedPage& page, HouseholdId after, CohortCounts& counts,
                                   rpc::StreamWriter<pb::SelectCohortResponse>& writer) {
  co_await context.executor().Hop();
  pb::SelectCohortResponse response;
  for (const JudgedHousehold& household : page) {
    counts.Add(household);
    AddTo(household, selection.include_left_out, response);
  }
  const bool last = page.size() < kJudgedPerPage;
  if (!after.is_nil()) response.set_after_household_id(after.ToString());
  if (last) *response.mutable_counts() = ToProto(counts);
  const bool worth_sending = last || response.entries_size() > 0 || response.left_out_size() > 0;
  if (worth_sending && !co_await writer.Write(response)) co_return ::veille::errors::Cancelled();
  co_return absl::OkStatus();
}

}  // namespace

async::Task<absl::StatusOr<pb::PreviewCohortResponse>> PreviewCohort(
    RequestContext& context, const pb::PreviewCohortRequest& request) {
  CO_ASSIGN_OR_RETURN(const CohortRule rule, FromProto(request));
  CohortCounts counts;
  CommuneCounts communes;
  HouseholdId after;
  bool more = true;
  while (more) {
    absl::StatusOr<JudgedPage> read = co_await JudgePage(context, rule, after);
    CO_ASSIGN_OR_RETURN(const JudgedPage page, std::move(read));
    co_await context.executor().Hop();
    for (const JudgedHousehold& household : page) {
      counts.Add(household);
      if (!household.left_out.has_value()) ++communes[household.commune_code];
    }
    more = page.size() == kJudgedPerPage;
    if (more) after = page.back().id;
  }
  pb::PreviewCohortResponse response;
  *response.mutable_counts() = ToProto(counts);
  AddTo(communes, response);
  co_return response;
}

// While a page is sent, the next one is judged; no transaction is open while the client does not
// read.
async::Task<absl::Status> SelectCohort(RequestContext& context,
                                       const pb::SelectCohortRequest& request,
                                       rpc::StreamWriter<pb::SelectCohortResponse>& writer) {
  CO_ASSIGN_OR_RETURN(const CohortSelection selection, FromProto(request));
  CohortCounts counts;
  HouseholdId after = selection.after;
  absl::StatusOr<JudgedPage> read = co_await JudgePage(context, selection.rule, after);
  CO_ASSIGN_OR_RETURN(JudgedPage page, std::move(read));
  while (page.size() == kJudgedPerPage) {
    after = page.back().id;
    auto both = co_await async::Both(JudgePage(context, selection.rule, after),
                                     SendPage(context, selection, page, after, counts, writer));
    CO_RETURN_IF_ERROR(both.second);
    CO_ASSIGN_OR_RETURN(page, std::move(both.first));
  }
  if (!page.empty()) after = page.back().id;
  absl::Status sent = co_await SendPage(context, selection, page, after, counts, writer);
  co_return sent;
}

async::Task<absl::StatusOr<pb::ListLeftOutResponse>> ListLeftOut(
    RequestContext& context, const pb::ListLeftOutRequest& request) {
  CO_ASSIGN_OR_RETURN(const LeftOutQuery query, FromProto(request));
  absl::StatusOr<LeftOutPage> gathered = co_await Gather(context, query);
  CO_ASSIGN_OR_RETURN(LeftOutPage page, std::move(gathered));
  pb::ListLeftOutResponse response;
  response.set_next_page_token(page.CutTo(query.page_size));
  auto described = co_await context.db().Write(
      [&](db::WriteTx& tx) { return Describe(context, tx, query.rule, page); });
  CO_ASSIGN_OR_RETURN(const std::vector<LeftOutEntry> entries, std::move(described));
  co_await context.executor().Hop();
  for (const LeftOutEntry& entry : entries) *response.add_entries() = ToProto(entry);
  co_return response;
}

}  // namespace veille::tenant_registry::handlers
