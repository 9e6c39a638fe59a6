#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "call_tracking/domain/volunteer.h"
#include "common/ids/uuid.h"
#include "common/rpc/paging.h"
#include "veille/calls/v1/volunteer_service.pb.h"

namespace veille::call_tracking {

namespace pb = ::veille::calls::v1;

struct Enrolment {
  ids::RequestId request;
  VolunteerDraft draft;
};

absl::StatusOr<Enrolment> FromProto(const pb::EnrolVolunteerRequest& request);
absl::StatusOr<rpc::Page> FromProto(const pb::ListVolunteersRequest& request);

struct VolunteerUpdate {
  ids::RequestId request;
  VolunteerId volunteer;
  std::string etag;  // empty: not checked
  VolunteerChange change;
};
absl::StatusOr<VolunteerUpdate> FromProto(const pb::UpdateVolunteerRequest& request);

struct AbsenceSetting {
  ids::RequestId request;
  VolunteerId volunteer;
  std::optional<Absence> absence;  // absent: there is none
};
absl::StatusOr<AbsenceSetting> FromProto(const pb::SetAbsenceRequest& request);

pb::Volunteer ToProto(const Volunteer& volunteer);

}  // namespace veille::call_tracking
