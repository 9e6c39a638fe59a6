// Volunteers: enrolled once per subject, changed, away, listed page by page, each landlord's for
// itself.

#include "common/rpc/fields.h"
#include "integration/call_tracking_fixture.h"

namespace veille::call_tracking {
namespace {

using ::testing::ElementsAre;
using ::veille::testing::IsOk;
using ::veille::testing::ReasonIs;
using ::veille::testing::StatusIs;

class VolunteersTest : public CallTrackingFixture {
 protected:
  static pb::EnrolVolunteerRequest Enrolment(const std::string& subject) {
    pb::EnrolVolunteerRequest request;
    request.set_request_id(NewId());
    request.mutable_volunteer()->set_subject(subject);
    request.mutable_volunteer()->set_display_name("Ada");
    return request;
  }
  auto Enrol(const pb::EnrolVolunteerRequest& request, const Identity& identity) {
    return Call(volunteers_, &pb::VolunteerService::Stub::EnrolVolunteer, request, identity);
  }
  auto List(int page_size, const std::string& token, const Identity& identity) {
    pb::ListVolunteersRequest request;
    request.set_page_size(page_size);
    request.set_page_token(token);
    return Call(volunteers_, &pb::VolunteerService::Stub::ListVolunteers, request, identity);
  }
  auto Update(const pb::UpdateVolunteerRequest& request, const Identity& identity) {
    return Call(volunteers_, &pb::VolunteerService::Stub::UpdateVolunteer, request, identity);
  }
  auto SetAbsence(const pb::SetAbsenceRequest& request, const Identity& identity) {
    return Call(volunteers_, &pb::VolunteerService::Stub::SetAbsence, request, identity);
  }
  // A change of the name, in order.
  pb::UpdateVolunteerRequest Change(const std::string& volunteer) const {
    pb::UpdateVolunteerRequest request;
    request.set_request_id(NewId());
    request.mutable_volunteer()->set_volunteer_id(volunteer);
    request.mutable_volunteer()->set_display_name("Grace");
    request.mutable_update_mask()->add_paths("display_name");
    return request;
  }
  pb::SetAbsenceRequest Away(const std::string& volunteer) const {
    pb::SetAbsenceRequest request;
    request.set_request_id(NewId());
    request.set_volunteer_id(volunteer);
    *request.mutable_absence()->mutable_start_time() = rpc::ToProto(clock_.Now());
    *request.mutable_absence()->mutable_end_time() = rpc::ToProto(clock_.Now() + absl::Hours(24));
    return request;
  }
};

TEST_F(VolunteersTest, ChangesWhatTheMaskNames) {
  const std::string id = CallTrackingFixture::Enrol("ada");
  auto request = Change(id);
  request.mutable_volunteer()->add_languages("en");
  request.mutable_volunteer()->set_state(pb::VOLUNTEER_STATE_LEFT);
  const auto renamed = Update(request, Coordinator());
  ASSERT_THAT(renamed, IsOk());
  EXPECT_EQ(renamed->volunteer().display_name(), "Grace");
  EXPECT_THAT(renamed->volunteer().languages(), ElementsAre("fr"));
  EXPECT_EQ(renamed->volunteer().state(), pb::VOLUNTEER_STATE_ACTIVE);
  EXPECT_EQ(renamed->volunteer().etag(), "v2");
  EXPECT_EQ(Update(request, Coordinator())->SerializeAsString(), renamed->SerializeAsString());

  request.set_request_id(NewId());
  request.mutable_volunteer()->set_etag("v1");
  EXPECT_THAT(Update(request, Coordinator()), ReasonIs(common_pb::ERROR_REASON_ETAG_MISMATCH));
  request.mutable_volunteer()->set_etag("v2");
  request.mutable_update_mask()->add_paths("languages");
  request.mutable_update_mask()->add_paths("state");
  const auto left = Update(request, Coordinator());
  ASSERT_THAT(left, IsOk());
  EXPECT_THAT(left->volunteer().languages(), ElementsAre("en"));
  EXPECT_EQ(left->volunteer().state(), pb::VOLUNTEER_STATE_LEFT);
  EXPECT_EQ(Value("SELECT count(*) FROM audit_events WHERE method = 'UpdateVolunteer'"), "2");
}

TEST_F(VolunteersTest, WhoHasLeftIsGrantedNoLeaseAndCanComeBack) {
  registry_.Add();
  const std::string id = CallTrackingFixture::Enrol();
  const std::string campaign = RunCampaign();
  auto request = Change(id);
  request.mutable_update_mask()->set_paths(0, "state");
  request.mutable_volunteer()->set_state(pb::VOLUNTEER_STATE_LEFT);
  ASSERT_THAT(Update(request, Coordinator()), IsOk());
  EXPECT_THAT(Lease(campaign), ReasonIs(common_pb::ERROR_REASON_VOLUNTEER_NOT_ENROLLED));
  request.set_request_id(NewId());
  request.mutable_volunteer()->set_state(pb::VOLUNTEER_STATE_ACTIVE);
  ASSERT_THAT(Update(request, Coordinator()), IsOk());
  EXPECT_THAT(Lease(campaign), IsOk());
}

TEST_F(VolunteersTest, AnAbsenceTakesThePlaceOfTheOneBefore) {
  const std::string id = CallTrackingFixture::Enrol("ada");
  auto request = Away(id);
  const auto away = SetAbsence(request, Coordinator());
  ASSERT_THAT(away, IsOk());
  EXPECT_EQ(away->volunteer().absence().SerializeAsString(), request.absence().SerializeAsString());
  EXPECT_EQ(SetAbsence(request, Coordinator())->SerializeAsString(), away->SerializeAsString());
  EXPECT_EQ(List(0, "", Coordinator())->volunteers(0).absence().SerializeAsString(),
            request.absence().SerializeAsString());

  request.set_request_id(NewId());
  *request.mutable_absence()->mutable_end_time() = rpc::ToProto(clock_.Now() + absl::Hours(48));
  EXPECT_EQ(SetAbsence(request, Coordinator())->volunteer().etag(), "v3");
  request.set_request_id(NewId());
  request.clear_absence();
  const auto back = SetAbsence(request, Coordinator());
  ASSERT_THAT(back, IsOk());
  EXPECT_FALSE(back->volunteer().has_absence());
  request.set_request_id(NewId());
  EXPECT_EQ(SetAbsence(request, Coordinator())->volunteer().etag(), "v4");  // nothing to change
  EXPECT_EQ(Value("SELECT count(*) FROM audit_events WHERE method = 'SetAbsence'"), "3");
}

TEST_F(VolunteersTest, ChangesThatAreNoneAreRefused) {
  pb::UpdateVolunteerRequest request;
  EXPECT_THAT(FieldsOf(Update(request, Coordinator()).status()),
              ElementsAre("request_id", "volunteer.volunteer_id", "update_mask.paths"));
  const std::string id = CallTrackingFixture::Enrol("ada");
  request = Change(id);
  request.mutable_volunteer()->set_display_name("");
  request.mutable_volunteer()->set_etag(std::string(65, 'x'));
  request.mutable_update_mask()->add_paths("subject");
  request.mutable_update_mask()->add_paths("state");
  EXPECT_THAT(FieldsOf(Update(request, Coordinator()).status()),
              ElementsAre("volunteer.etag", "volunteer.display_name", "update_mask.paths[1]",
                          "volunteer.state"));
  pb::SetAbsenceRequest absence = Away(id);
  *absence.mutable_absence()->mutable_end_time() = absence.absence().start_time();
  EXPECT_THAT(FieldsOf(SetAbsence(absence, Coordinator()).status()),
              ElementsAre("absence.end_time"));
  absence.mutable_absence()->Clear();
  absence.set_volunteer_id("?");
  absence.clear_request_id();
  EXPECT_THAT(FieldsOf(SetAbsence(absence, Coordinator()).status()),
              ElementsAre("request_id", "volunteer_id", "absence.start_time", "absence.end_time"));
  EXPECT_EQ(Value("SELECT version FROM volunteers"), "1");
}

TEST_F(VolunteersTest, AnotherLandlordsAreNotFound) {
  const std::string id = CallTrackingFixture::Enrol("ada");
  const auto not_found = ReasonIs(common_pb::ERROR_REASON_VOLUNTEER_NOT_FOUND);
  EXPECT_THAT(Update(Change(NewId()), Coordinator()), not_found);
  EXPECT_THAT(Update(Change(id), OfOtherLandlord(Coordinator())), not_found);
  EXPECT_THAT(SetAbsence(Away(NewId()), Coordinator()), not_found);
  EXPECT_THAT(SetAbsence(Away(id), OfOtherLandlord(Coordinator())), not_found);
  const auto denied = ReasonIs(common_pb::ERROR_REASON_ACCESS_DENIED);
  EXPECT_THAT(Update(Change(id), Volunteer()), denied);
  EXPECT_THAT(SetAbsence(Away(id), Volunteer()), denied);
  auto request = Change(id);
  ASSERT_THAT(Update(request, Coordinator()), IsOk());
  auto reused = Away(id);
  reused.set_request_id(request.request_id());
  EXPECT_THAT(SetAbsence(reused, Coordinator()),
              ReasonIs(common_pb::ERROR_REASON_REQUEST_ID_REUSED));
}

TEST_F(VolunteersTest, EnrolsOncePerRequest) {
  const auto request = Enrolment("ada");
  const auto first = Enrol(request, Coordinator());
  const auto again = Enrol(request, Coordinator());
  ASSERT_THAT(first, IsOk());
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(first->SerializeAsString(), again->SerializeAsString());
  EXPECT_EQ(first->volunteer().subject(), "ada");
  EXPECT_THAT(first->volunteer().languages(), ElementsAre("fr"));
  EXPECT_EQ(first->volunteer().state(), pb::VOLUNTEER_STATE_ACTIVE);
  EXPECT_EQ(first->volunteer().etag(), "v1");
  EXPECT_EQ(Value("SELECT count(*) FROM volunteers"), "1");
  EXPECT_EQ(Value("SELECT count(*) FROM audit_events WHERE method = 'EnrolVolunteer'"), "1");
}

TEST_F(VolunteersTest, ARequestIdServesOneMethodOnly) {
  auto request = Enrolment("ada");
  ASSERT_THAT(Enrol(request, Coordinator()), IsOk());
  pb::PublishScriptRequest script;
  script.set_request_id(request.request_id());
  *script.mutable_script() = SampleScript();
  EXPECT_THAT(Call(scripts_, &pb::ScriptService::Stub::PublishScript, script, Coordinator()),
              ReasonIs(common_pb::ERROR_REASON_REQUEST_ID_REUSED));
  // The other landlord's ids are its own.
  EXPECT_THAT(Enrol(request, OfOtherLandlord(Coordinator())), IsOk());
}

TEST_F(VolunteersTest, ASubjectIsEnrolledOnce) {
  ASSERT_THAT(Enrol(Enrolment("ada"), Coordinator()), IsOk());
  EXPECT_THAT(Enrol(Enrolment("ada"), Coordinator()),
              ReasonIs(common_pb::ERROR_REASON_DUPLICATE_NAME));
  EXPECT_THAT(Enrol(Enrolment("bob"), Coordinator()), IsOk());
  EXPECT_THAT(Enrol(Enrolment("ada"), OfOtherLandlord(Coordinator())), IsOk());
  EXPECT_EQ(Value("SELECT count(*) FROM requests"), "3");  // the refused one took none
}

TEST_F(VolunteersTest, TellsAllThatIsWrongAtOnce) {
  pb::EnrolVolunteerRequest request;
  request.set_request_id("no uuid");
  request.mutable_volunteer()->set_subject(std::string(201, 'x'));
  request.mutable_volunteer()->set_display_name("  ");
  request.mutable_volunteer()->add_languages("fr");
  request.mutable_volunteer()->add_languages("not a tag");
  request.mutable_volunteer()->add_languages("fr");
  const auto refused = Enrol(request, Coordinator());
  EXPECT_THAT(refused, ReasonIs(common_pb::ERROR_REASON_INVALID_FIELDS));
  EXPECT_THAT(FieldsOf(refused.status()),
              ElementsAre("request_id", "volunteer.subject", "volunteer.display_name",
                          "volunteer.languages[1]", "volunteer.languages[2]"));
  EXPECT_THAT(FieldsOf(Enrol({}, Coordinator()).status()), ElementsAre("request_id", "volunteer"));
  auto nul = Enrolment(std::string("a\0b", 3));
  EXPECT_THAT(FieldsOf(Enrol(nul, Coordinator()).status()), ElementsAre("volunteer.subject"));
  auto utf8 = Enrolment(std::string(200, 'x'));  // the longest that is allowed
  EXPECT_THAT(Enrol(utf8, Coordinator()), IsOk());
  EXPECT_EQ(Value("SELECT count(*) FROM volunteers"), "1");
}

TEST_F(VolunteersTest, ListsPageByPageInTheOrderOfEnrolment) {
  for (const char* subject : {"a", "b", "c", "d", "e"}) {
    ASSERT_THAT(Enrol(Enrolment(subject), Coordinator()), IsOk());
  }
  std::vector<std::string> subjects;
  std::string token;
  int pages = 0;
  do {
    const auto page = List(2, token, Coordinator());
    ASSERT_THAT(page, IsOk());
    for (const auto& volunteer : page->volunteers()) subjects.push_back(volunteer.subject());
    token = page->next_page_token();
    ++pages;
  } while (!token.empty());
  EXPECT_THAT(subjects, ElementsAre("a", "b", "c", "d", "e"));
  EXPECT_EQ(pages, 3);
  EXPECT_EQ(List(5, "", Coordinator())->next_page_token(), "");
  EXPECT_EQ(List(0, "", Coordinator())->volunteers_size(), 5);
  EXPECT_EQ(List(0, "", OfOtherLandlord(Coordinator()))->volunteers_size(), 0);
}

TEST_F(VolunteersTest, RefusesPagesThatAreNone) {
  const auto refused = List(-1, "elsewhere", Coordinator());
  EXPECT_THAT(refused, ReasonIs(common_pb::ERROR_REASON_INVALID_FIELDS));
  EXPECT_THAT(FieldsOf(refused.status()), ElementsAre("page_size", "page_token"));
  EXPECT_THAT(List(1001, "", Coordinator()), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(List(1000, NewId(), Coordinator()), IsOk());
}

TEST_F(VolunteersTest, IsForCoordinators) {
  EXPECT_THAT(Enrol(Enrolment("ada"), Volunteer()),
              ReasonIs(common_pb::ERROR_REASON_ACCESS_DENIED));
  EXPECT_THAT(List(0, "", Volunteer()), ReasonIs(common_pb::ERROR_REASON_ACCESS_DENIED));
  EXPECT_THAT(Enrol(Enrolment("ada"), {"coordinator", "co-1", "no landlord"}),
              ReasonIs(common_pb::ERROR_REASON_UNAUTHENTICATED));
  EXPECT_THAT(List(0, "", Coordinator()), IsOk());
}

}  // namespace
}  // namespace veille::call_tracking
