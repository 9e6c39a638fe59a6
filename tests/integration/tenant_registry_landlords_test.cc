#include <gmock/gmock.h>

#include "integration/tenant_registry_fixture.h"
#include "testing/status_matchers.h"

namespace veille::tenant_registry {
namespace {

namespace errors_pb = ::veille::common::v1;
using ::testing::ElementsAre;
using ::veille::testing::IsOk;
using ::veille::testing::ReasonIs;
using ::veille::testing::StatusIs;

class LandlordsTest : public RegistryTest {
 protected:
  absl::StatusOr<pb::CreateLandlordResponse> Create(const std::string& request_id,
                                                    const std::string& name) {
    pb::CreateLandlordRequest request;
    request.set_request_id(request_id);
    request.set_name(name);
    return Call(&Stub::CreateLandlord, request, Operator());
  }
};

TEST_F(LandlordsTest, TheSameRequestAnswersTheSameLandlord) {
  const std::string id = NewId();
  const auto first = Create(id, "  Habitat   du Gers ");
  ASSERT_THAT(first, IsOk());
  EXPECT_EQ(first->landlord().name(), "Habitat du Gers");
  const auto again = Create(id, "Habitat du Gers");
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->SerializeAsString(), first->SerializeAsString());
  EXPECT_EQ(Count("SELECT count(*) FROM landlords WHERE name = 'Habitat du Gers'"), 1);
  EXPECT_EQ(Count("SELECT count(*) FROM audit_events WHERE method = 'CreateLandlord' AND "
                  "landlord_id = '" +
                  first->landlord().landlord_id() + "'"),
            1);
}

TEST_F(LandlordsTest, EachLandlordHasAPhoneKeyOfItsOwn) {
  ASSERT_THAT(Create(NewId(), "Second"), IsOk());
  EXPECT_EQ(Count("SELECT count(DISTINCT phone_key) FROM landlords"), 2);
}

TEST_F(LandlordsTest, ANameIsTakenOnce) {
  ASSERT_THAT(Create(NewId(), "Habitat du Gers"), IsOk());
  EXPECT_THAT(Create(NewId(), "Habitat du Gers"), ReasonIs(errors_pb::ERROR_REASON_DUPLICATE_NAME));
  // Nothing is left of the refused request: its id is free.
  EXPECT_EQ(Count("SELECT count(*) FROM requests"), 2);
}

TEST_F(LandlordsTest, BadFieldsAreToldAtOnce) {
  const auto empty = Create("", "");
  EXPECT_THAT(empty, ReasonIs(errors_pb::ERROR_REASON_INVALID_FIELDS));
  EXPECT_THAT(BadFields(empty.status()), ElementsAre("request_id", "name"));
  EXPECT_THAT(BadFields(Create("42", std::string(201, 'x')).status()),
              ElementsAre("request_id", "name"));
  EXPECT_THAT(BadFields(Create(NewId(), "a\x01").status()), ElementsAre("name"));
  EXPECT_THAT(Create(NewId(), std::string("a\0b", 3)),
              ReasonIs(errors_pb::ERROR_REASON_INVALID_FIELDS));
  EXPECT_THAT(Create(NewId(), std::string(200, 'x')), IsOk());
}

TEST_F(LandlordsTest, OnlyAnOperatorMay) {
  pb::CreateLandlordRequest request;
  request.set_request_id(NewId());
  request.set_name("Habitat du Gers");
  EXPECT_THAT(Call(&Stub::CreateLandlord, request, Coordinator()),
              StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_THAT(Call(&Stub::CreateLandlord, request, Operator()), IsOk());
}

}  // namespace
}  // namespace veille::tenant_registry
