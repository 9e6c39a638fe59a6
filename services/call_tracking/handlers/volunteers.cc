#include "call_tracking/handlers/volunteers.h"

#include <utility>

#include "call_tracking/convert/volunteer.h"
#include "call_tracking/errors.h"
#include "call_tracking/store/volunteer_store.h"
#include "common/db/request_ledger.h"
#include "common/privacy/audit_trail.h"
#include "common/rpc/fields.h"
#include "common/status/macros.h"

namespace veille::call_tracking::handlers {
namespace {

constexpr std::string_view kVolunteerPurpose = "running the campaign";

// The volunteer, locked, for a request that is taken now; as it stands for one that was taken
// before.
struct TakenVolunteer {
  Volunteer volunteer;
  bool repeated = false;
};
absl::StatusOr<TakenVolunteer> Take(const RequestContext& context, db::WriteTx& tx,
                                    ids::RequestId request, VolunteerId id) {
  ASSIGN_OR_RETURN(const auto taken,
                   db::TakeRequest(tx, context.landlord(), request, context.method(), id.uuid(),
                                   /*same_object=*/true));
  ASSIGN_OR_RETURN(Volunteer volunteer, VolunteerStore::Lock(tx, context.landlord(), id));
  return TakenVolunteer{std::move(volunteer), taken.repeated};
}

void Store(const RequestContext& context, db::WriteTx& tx, Volunteer& volunteer) {
  VolunteerStore::Update(tx, context.landlord(), volunteer);
  privacy::AppendAuditEvent(tx, context.Audit("volunteer", volunteer.id.uuid(), kVolunteerPurpose));
}

absl::StatusOr<Volunteer> Update(const RequestContext& context, db::WriteTx& tx,
                                 const VolunteerUpdate& update) {
  ASSIGN_OR_RETURN(TakenVolunteer taken, Take(context, tx, update.request, update.volunteer));
  Volunteer& volunteer = taken.volunteer;
  if (taken.repeated) return volunteer;
  if (!update.etag.empty() && update.etag != rpc::Etag(volunteer.version)) {
    return errors::EtagMismatch();
  }
  const VolunteerChange& change = update.change;
  if (change.display_name.has_value()) volunteer.draft.display_name = *change.display_name;
  if (change.languages.has_value()) volunteer.draft.languages = *change.languages;
  if (change.state.has_value()) volunteer.state = *change.state;
  Store(context, tx, volunteer);
  return volunteer;
}

absl::StatusOr<Volunteer> SetAbsent(const RequestContext& context, db::WriteTx& tx,
                                    const AbsenceSetting& setting) {
  ASSIGN_OR_RETURN(TakenVolunteer taken, Take(context, tx, setting.request, setting.volunteer));
  if (taken.repeated || taken.volunteer.absence == setting.absence) return taken.volunteer;
  taken.volunteer.absence = setting.absence;
  Store(context, tx, taken.volunteer);
  return taken.volunteer;
}

}  // namespace

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
    privacy::AppendAuditEvent(tx, context.Audit("volunteer", id.uuid(), kVolunteerPurpose));
    return VolunteerStore::Insert(tx, context.landlord(), id, enrolment.draft, context.now());
  });
  CO_ASSIGN_OR_RETURN(const Volunteer volunteer, std::move(stored));
  pb::EnrolVolunteerResponse response;
  *response.mutable_volunteer() = ToProto(volunteer);
  co_return response;
}

async::Task<absl::StatusOr<pb::UpdateVolunteerResponse>> UpdateVolunteer(
    RequestContext& context, const pb::UpdateVolunteerRequest& request) {
  CO_ASSIGN_OR_RETURN(const VolunteerUpdate update, FromProto(request));
  auto stored =
      co_await context.db().Write([&](db::WriteTx& tx) { return Update(context, tx, update); });
  CO_ASSIGN_OR_RETURN(const Volunteer volunteer, std::move(stored));
  pb::UpdateVolunteerResponse response;
  *response.mutable_volunteer() = ToProto(volunteer);
  co_return response;
}

async::Task<absl::StatusOr<pb::SetAbsenceResponse>> SetAbsence(
    RequestContext& context, const pb::SetAbsenceRequest& request) {
  CO_ASSIGN_OR_RETURN(const AbsenceSetting setting, FromProto(request));
  auto stored =
      co_await context.db().Write([&](db::WriteTx& tx) { return SetAbsent(context, tx, setting); });
  CO_ASSIGN_OR_RETURN(const Volunteer volunteer, std::move(stored));
  pb::SetAbsenceResponse response;
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
