#include "call_tracking/handlers/volunteers.h"

#include "call_tracking/convert/volunteer.h"
#include "call_tracking/store/volunteer_store.h"
#include "common/db/request_ledger.h"
#include "common/privacy/audit_trail.h"
#include "common/status/macros.h"

namespace veille::call_tracking::handlers {

async::Task<absl::StatusOr<pb::EnrolVolunteerResponse>> EnrolVolunteer(
    RequestContext& context, const pb::EnrolVolunteerRequest& request) {
  CO_ASSIGN_OR_RETURN(const Enrolment enrolment, FromProto(request));
  const VolunteerId id = VolunteerId::Random();
  auto stored = co_await context.db().Write([&](db::WriteTx& tx) -> absl::StatusOr<Volunteer> {
    ASSIGN_OR_RETURN(const auto taken, db::TakeRequest(tx, context.landlord(), enrolment.request,
                                                       context.method(), id.uuid()));
    if (taken.repeated) {
      return VolunteerStore(tx).Get(context.landlord(), VolunteerId(taken.object_id));
    }
    privacy::AppendAuditEvent(tx, context.Audit("volunteer", id.uuid(), "running the campaign"));
    return VolunteerStore::Insert(tx, context.landlord(), id, enrolment.draft, context.now());
  });
  CO_ASSIGN_OR_RETURN(const Volunteer volunteer, std::move(stored));
  pb::EnrolVolunteerResponse response;
  *response.mutable_volunteer() = ToProto(volunteer);
  co_return response;
}

async::Task<absl::StatusOr<pb::ListVolunteersResponse>> ListVolunteers(
    RequestContext& context, const pb::ListVolunteersRequest& request) {
  CO_ASSIGN_OR_RETURN(const rpc::Page page, FromProto(request));
  // One more than the page holds tells whether there is a next one.
  auto read =
      co_await context.db().Read([&](db::ReadTx& tx) -> absl::StatusOr<std::vector<Volunteer>> {
        return VolunteerStore(tx).List(context.landlord(), VolunteerId(page.after), page.size + 1);
      });
  CO_ASSIGN_OR_RETURN(std::vector<Volunteer> volunteers, std::move(read));
  pb::ListVolunteersResponse response;
  if (volunteers.size() > static_cast<size_t>(page.size)) {
    volunteers.pop_back();
    response.set_next_page_token(volunteers.back().id.ToString());
  }
  for (const Volunteer& volunteer : volunteers) {
    *response.add_volunteers() = ToProto(volunteer);
  }
  co_return response;
}

}  // namespace veille::call_tracking::handlers
