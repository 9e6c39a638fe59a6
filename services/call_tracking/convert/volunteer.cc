#include "call_tracking/convert/volunteer.h"

#include <algorithm>

#include "common/rpc/fields.h"
#include "common/status/macros.h"

namespace veille::call_tracking {
namespace {

using rpc::At;
using rpc::CheckCount;
using rpc::Etag;
using rpc::ReadLanguage;
using rpc::ReadPage;
using rpc::ReadRequestId;
using rpc::ReadText;
using rpc::Violations;

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
        .display_name =
            ReadText("volunteer.display_name", volunteer.display_name(), 1, 200, violations),
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

pb::Volunteer ToProto(const Volunteer& volunteer) {
  pb::Volunteer proto;
  proto.set_volunteer_id(volunteer.id.ToString());
  proto.set_subject(volunteer.draft.subject);
  proto.set_display_name(volunteer.draft.display_name);
  for (const std::string& language : volunteer.draft.languages) proto.add_languages(language);
  proto.set_state(static_cast<pb::VolunteerState>(volunteer.state));
  proto.set_etag(Etag(volunteer.version));
  *proto.mutable_create_time() = rpc::ToProto(volunteer.create_time);
  return proto;
}

}  // namespace veille::call_tracking
