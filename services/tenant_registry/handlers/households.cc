#include "tenant_registry/handlers/households.h"

#include <utility>
#include <vector>

#include "common/status/macros.h"
#include "tenant_registry/convert/household.h"
#include "tenant_registry/errors.h"
#include "tenant_registry/store/household_store.h"

namespace veille::tenant_registry::handlers {
namespace {

constexpr std::string_view kRegisterPurpose = "keeping the register";

struct HouseholdPage {
  std::vector<Household> households;
  bool more = false;
};

// The page that `ids` are, one more than it has room for when there is more. Each look leaves an
// audit event.
HouseholdPage LoadPage(const RequestContext& context, db::WriteTx& tx, std::vector<HouseholdId> ids,
                       size_t size, std::string_view purpose) {
  const bool more = ids.size() > size;
  if (more) ids.resize(size);
  AppendReadEvents(tx, context.LookAt(purpose), ids);
  return HouseholdPage{HouseholdReader(tx, context.landlord()).Load(ids), more};
}

template <typename Response>
Response ToResponse(const HouseholdPage& page) {
  Response response;
  for (const Household& household : page.households) {
    *response.add_households() = ToProto(household);
  }
  if (page.more) response.set_next_page_token(page.households.back().id.ToString());
  return response;
}

}  // namespace

async::Task<absl::StatusOr<pb::GetHouseholdResponse>> GetHousehold(
    RequestContext& context, const pb::GetHouseholdRequest& request) {
  CO_ASSIGN_OR_RETURN(const HouseholdId id, FromProto(request));
  auto read = co_await context.db().Write([&](db::WriteTx& tx) -> absl::StatusOr<Household> {
    std::vector<Household> found = HouseholdReader(tx, context.landlord()).Load({id});
    if (found.empty()) return errors::HouseholdNotFound();
    AppendReadEvents(tx, context.LookAt(kRegisterPurpose), {id});
    return std::move(found[0]);
  });
  CO_ASSIGN_OR_RETURN(const Household household, std::move(read));
  pb::GetHouseholdResponse response;
  *response.mutable_household() = ToProto(household);
  co_return response;
}

async::Task<absl::StatusOr<pb::ListHouseholdsResponse>> ListHouseholds(
    RequestContext& context, const pb::ListHouseholdsRequest& request) {
  CO_ASSIGN_OR_RETURN(const HouseholdQuery query, FromProto(request));
  const size_t size = static_cast<size_t>(query.page.size);
  auto read = co_await context.db().Write([&](db::WriteTx& tx) -> absl::StatusOr<HouseholdPage> {
    HouseholdReader households(tx, context.landlord());
    return LoadPage(context, tx,
                    households.List(query.filter, HouseholdId(query.page.after), size + 1), size,
                    kRegisterPurpose);
  });
  CO_ASSIGN_OR_RETURN(const HouseholdPage page, std::move(read));
  co_await context.executor().Hop();
  co_return ToResponse<pb::ListHouseholdsResponse>(page);
}

async::Task<absl::StatusOr<pb::FindHouseholdsResponse>> FindHouseholds(
    RequestContext& context, const pb::FindHouseholdsRequest& request) {
  CO_ASSIGN_OR_RETURN(const NameQuery query, FromProto(request));
  const size_t size = static_cast<size_t>(query.page.size);
  auto read = co_await context.db().Write([&](db::WriteTx& tx) -> absl::StatusOr<HouseholdPage> {
    HouseholdReader households(tx, context.landlord());
    return LoadPage(context, tx,
                    households.FindByName(query.words, query.include_left,
                                          HouseholdId(query.page.after), size + 1),
                    size, "answering a tenant");
  });
  CO_ASSIGN_OR_RETURN(const HouseholdPage page, std::move(read));
  co_await context.executor().Hop();
  co_return ToResponse<pb::FindHouseholdsResponse>(page);
}

}  // namespace veille::tenant_registry::handlers
