// Volunteers: enrolled once per subject, listed page by page, each landlord's for itself.

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
};

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
