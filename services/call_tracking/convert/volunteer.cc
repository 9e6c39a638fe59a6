#include "call_tracking/convert/volunteer.h"

#include <algorithm>

#include "common/rpc/fields.h"
#include "common/status/macros.h"

namespace veille::call_tracking {
namespace {

using rpc::At;
using rpc::CheckCount;
using rpc::Etag;
using rpc::ReadEnum;
using rpc::ReadId;
using rpc::ReadLanguage;
using rpc::ReadPage;
using rpc::ReadRequestId;
using rpc::ReadText;
using rpc::ReadTime;
using rpc::Violations;

constexpr int kMostPaths = 3;

std::vector<std::string> ReadLanguages(const pb::Volunteer& volunteer, Violations& violations) {
  CheckCount("volunteer.languages", volunteer.languages_size(), 0, 20, violations);
  std::vector<std::string> languages;
  for (int i = 0; i < volunteer.languages_size() && i < 20; ++i) {
    const std::string field = At("volunteer.languages", i);
    languages.push_back(ReadLanguage(field, volunteer.languages(i), violations));
    if (std::count(languages.begin(), languages.end(), languages.back()) > 1) {
      violations.Add(field, "is named twice");
    }
  }
  if (languages.empty()) languages.emplace_back("fr");
  return languages;
}

std::string ReadName(const pb::Volunteer& volunteer, Violations& violations) {
  return ReadText("volunteer.display_name", volunteer.display_name(), 1, 200, violations);
}

// The fields that the mask names.
VolunteerChange ReadChange(const pb::UpdateVolunteerRequest& request, Violations& violations) {
  const pb::Volunteer& volunteer = request.volunteer();
  const auto& paths = request.update_mask().paths();
  VolunteerChange change;
  CheckCount("update_mask.paths", paths.size(), 1, kMostPaths, violations);
  for (int i = 0; i < std::min(paths.size(), kMostPaths); ++i) {
    if (paths[i] == "display_name") {
      change.display_name = ReadName(volunteer, violations);
    } else if (paths[i] == "languages") {
      change.languages = ReadLanguages(volunteer, violations);
    } else if (paths[i] == "state") {
      change.state = static_cast<VolunteerState>(ReadEnum<pb::VolunteerState>(
          "volunteer.state", volunteer.state(), pb::VolunteerState_IsValid, violations));
    } else {
      violations.Add(At("update_mask.paths", i),
                     "names no field that can be changed: display_name, languages or state");
    }
  }
  return change;
}

}  // namespace

absl::StatusOr<Enrolment> FromProto(const pb::EnrolVolunteerRequest& request) {
  Violations violations;
  const pb::Volunteer& volunteer = request.volunteer();
  Enrolment enrolment;
  enrolment.request = ReadRequestId(request.request_id(), violations);
  if (!request.has_volunteer()) {
    violations.Add("volunteer", "is required");
  } else {
    enrolment.draft = {
        .subject = ReadText("volunteer.subject", volunteer.subject(), 1, 200, violations),
        .display_name = ReadName(volunteer, violations),
        .languages = ReadLanguages(volunteer, violations)};
  }
  RETURN_IF_ERROR(violations.ToStatus());
  return enrolment;
}

absl::StatusOr<rpc::Page> FromProto(const pb::ListVolunteersRequest& request) {
  Violations violations;
  const rpc::Page page = ReadPage(request.page_size(), request.page_token(), violations);
  RETURN_IF_ERROR(violations.ToStatus());
  return page;
}

absl::StatusOr<VolunteerUpdate> FromProto(const pb::UpdateVolunteerRequest& request) {
  Violations violations;
  VolunteerUpdate update;
  update.request = ReadRequestId(request.request_id(), violations);
  update.volunteer =
      ReadId<VolunteerId>("volunteer.volunteer_id", request.volunteer().volunteer_id(), violations);
  update.etag = ReadText("volunteer.etag", request.volunteer().etag(), 0, 64, violations);
  update.change = ReadChange(request, violations);
  RETURN_IF_ERROR(violations.ToStatus());
  return update;
}

absl::StatusOr<AbsenceSetting> FromProto(const pb::SetAbsenceRequest& request) {
  Violations violations;
  AbsenceSetting setting;
  setting.request = ReadRequestId(request.request_id(), violations);
  setting.volunteer = ReadId<VolunteerId>("volunteer_id", request.volunteer_id(), violations);
  if (request.has_absence()) {
    const pb::Absence& given = request.absence();
    const Absence absence = {.start_time = ReadTime("absence.start_time", given.has_start_time(),
                                                    given.start_time(), violations),
                             .end_time = ReadTime("absence.end_time", given.has_end_time(),
                                                  given.end_time(), violations)};
    if (given.has_start_time() && given.has_end_time() && absence.end_time <= absence.start_time) {
      violations.Add("absence.end_time", "must be after start_time");
    }
    setting.absence = absence;
  }
  RETURN_IF_ERROR(violations.ToStatus());
  return setting;
}

pb::Volunteer ToProto(const Volunteer& volunteer) {
  pb::Volunteer proto;
  proto.set_volunteer_id(volunteer.id.ToString());
  proto.set_subject(volunteer.draft.subject);
  proto.set_display_name(volunteer.draft.display_name);
  for (const std::string& language : volunteer.draft.languages) proto.add_languages(language);
  proto.set_state(static_cast<pb::VolunteerState>(volunteer.state));
  proto.set_etag(Etag(volunteer.version));
  *proto.mutable_create_time() = rpc::ToProto(volunteer.create_time);
  if (volunteer.absence.has_value()) {
    *proto.mutable_absence()->mutable_start_time() = rpc::ToProto(volunteer.absence->start_time);
    *proto.mutable_absence()->mutable_end_time() = rpc::ToProto(volunteer.absence->end_time);
  }
  return proto;
}

}  // namespace veille::call_tracking
