// Partners: registration, reading, coverage.

#include <gmock/gmock.h>

#include "integration/referral_fixture.h"

namespace veille::referral {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::IsOk;
using testing::ReasonIs;

using Directory = pb::PartnerDirectoryService::Stub;

class PartnersTest : public ReferralFixture {
 protected:
  absl::StatusOr<pb::RegisterPartnerResponse> Send(const pb::RegisterPartnerRequest& request) {
    return Call(directory_, &Directory::RegisterPartner, request, Coordinator());
  }
  absl::StatusOr<pb::GetPartnerResponse> Get(const std::string& partner, const Identity& identity) {
    pb::GetPartnerRequest request;
    request.set_partner_id(partner);
    return Call(directory_, &Directory::GetPartner, request, identity);
  }
  std::vector<std::string> FirstChoices(const std::string& commune, common_pb::Need need) {
    pb::CheckCoverageRequest request;
    request.add_commune_codes(commune);
    request.add_needs(need);
    const auto checked = Call(directory_, &Directory::CheckCoverage, request, Coordinator());
    EXPECT_THAT(checked, IsOk());
    const auto& ids = checked->answers(0).partner_ids();
    return {ids.begin(), ids.end()};
  }
};

TEST_F(PartnersTest, ARegisteredPartnerIsReadAsItWasGiven) {
  pb::RegisterPartnerRequest request = Registration("CCAS de Toulouse");
  request.mutable_partner()->set_endpoint("127.0.0.1:7009");
  request.mutable_partner()->set_capacity(40);
  pb::Coverage& second = *request.mutable_partner()->add_coverage();
  second.add_commune_codes("75112");
  second.add_needs(common_pb::NEED_LONELINESS);
  const auto registered = Send(request);
  ASSERT_THAT(registered, IsOk());

  const auto read = Get(registered->partner().partner_id(), Coordinator());
  ASSERT_THAT(read, IsOk());
  const pb::Partner& partner = read->partner();
  EXPECT_EQ(partner.SerializeAsString(), registered->partner().SerializeAsString());
  EXPECT_EQ(partner.name(), "CCAS de Toulouse");
  EXPECT_EQ(partner.kind(), pb::PARTNER_KIND_CCAS);
  EXPECT_EQ(partner.endpoint(), "127.0.0.1:7009");
  EXPECT_EQ(partner.contact_phone(), "+33561000000");
  EXPECT_EQ(partner.payload(), pb::PARTNER_PAYLOAD_THIN);
  EXPECT_EQ(partner.capacity(), 40);
  EXPECT_EQ(partner.state(), pb::PARTNER_STATE_ACTIVE);
  EXPECT_EQ(partner.create_time().seconds(), 1585720800);
  ASSERT_EQ(partner.coverage_size(), 2);
  EXPECT_THAT(partner.coverage(0).commune_codes(), ElementsAre("31555"));
  EXPECT_THAT(partner.coverage(0).needs(),
              ElementsAre(common_pb::NEED_MEALS, common_pb::NEED_ADMIN));
  EXPECT_THAT(partner.coverage(1).commune_codes(), ElementsAre("75056"));
}

TEST_F(PartnersTest, TheChannelFollowsFromTheEndpointAndTheSecondContactIsKept) {
  pb::RegisterPartnerRequest request = Registration("Voisins");
  request.mutable_partner()->set_channel(pb::PARTNER_CHANNEL_BY_HAND);
  request.mutable_partner()->mutable_second_contact()->set_role("astreinte du week-end");
  request.mutable_partner()->mutable_second_contact()->set_phone("+33561000009");
  const auto by_hand = Send(request);
  ASSERT_THAT(by_hand, IsOk());
  EXPECT_EQ(by_hand->partner().channel(), pb::PARTNER_CHANNEL_BY_HAND);
  EXPECT_EQ(by_hand->partner().second_contact().role(), "astreinte du week-end");
  EXPECT_EQ(by_hand->partner().second_contact().phone(), "+33561000009");
  const auto pushed = Get(Register("CCAS", "127.0.0.1:7009"), Coordinator());
  ASSERT_THAT(pushed, IsOk());
  EXPECT_EQ(pushed->partner().channel(), pb::PARTNER_CHANNEL_GRPC);
  EXPECT_FALSE(pushed->partner().has_second_contact());
}

TEST_F(PartnersTest, TheSameRequestIdRegistersOnce) {
  const pb::RegisterPartnerRequest request = Registration("CCAS");
  const auto first = Send(request);
  const auto second = Send(request);
  ASSERT_THAT(second, IsOk());
  EXPECT_EQ(first->SerializeAsString(), second->SerializeAsString());
  EXPECT_EQ(Value("SELECT count(*) FROM partners"), "1");
}

TEST_F(PartnersTest, ANameIsTakenOncePerLandlord) {
  ASSERT_THAT(Send(Registration("CCAS")), IsOk());
  EXPECT_THAT(Send(Registration("CCAS")), ReasonIs(common_pb::ERROR_REASON_DUPLICATE_NAME));
  EXPECT_THAT(Call(directory_, &Directory::RegisterPartner, Registration("CCAS"),
                   OfOtherLandlord(Coordinator())),
              IsOk());
  EXPECT_EQ(Value("SELECT count(*) FROM partners"), "2");
  EXPECT_EQ(Value("SELECT count(*) FROM requests"), "2");
}

TEST_F(PartnersTest, AnotherLandlordsPartnerIsNotThere) {
  const std::string partner = Register("CCAS");
  EXPECT_THAT(Get(partner, Coordinator()), IsOk());
  EXPECT_THAT(Get(partner, OfOtherLandlord(Coordinator())),
              ReasonIs(common_pb::ERROR_REASON_PARTNER_NOT_FOUND));
  EXPECT_THAT(Get(NewId(), Coordinator()), ReasonIs(common_pb::ERROR_REASON_PARTNER_NOT_FOUND));
}

TEST_F(PartnersTest, ListsInPagesInTheOrderOfRegistration) {
  const std::vector<std::string> ids = {Register("C"), Register("A"), Register("B")};
  pb::ListPartnersRequest request;
  request.set_page_size(2);
  const auto first = Call(directory_, &Directory::ListPartners, request, Coordinator());
  ASSERT_THAT(first, IsOk());
  ASSERT_EQ(first->partners_size(), 2);
  EXPECT_EQ(first->partners(0).partner_id(), ids[0]);
  EXPECT_EQ(first->partners(1).partner_id(), ids[1]);
  request.set_page_token(first->next_page_token());
  const auto second = Call(directory_, &Directory::ListPartners, request, Coordinator());
  ASSERT_THAT(second, IsOk());
  ASSERT_EQ(second->partners_size(), 1);
  EXPECT_EQ(second->partners(0).partner_id(), ids[2]);
  EXPECT_EQ(second->next_page_token(), "");
  const auto others = Call(directory_, &Directory::ListPartners, pb::ListPartnersRequest(),
                           OfOtherLandlord(Coordinator()));
  ASSERT_THAT(others, IsOk());
  EXPECT_EQ(others->partners_size(), 0);
}

TEST_F(PartnersTest, CoverageNamesWhoTakesItFirst) {
  const std::string second = Register("Secours");
  const std::string first = Register("Mairie");
  EXPECT_THAT(FirstChoices("31555", common_pb::NEED_MEALS), ElementsAre(first, second));
  EXPECT_THAT(FirstChoices("31555", common_pb::NEED_SAFETY), IsEmpty());
  EXPECT_THAT(FirstChoices("31556", common_pb::NEED_MEALS), IsEmpty());
}

TEST_F(PartnersTest, AFullPartnerCoversNothing) {
  const std::string partner = Register("CCAS", "", /*capacity=*/1);
  EXPECT_THAT(FirstChoices("31555", common_pb::NEED_MEALS), ElementsAre(partner));
  CreateOne();
  EXPECT_THAT(FirstChoices("31555", common_pb::NEED_MEALS), IsEmpty());
  pb::CheckCoverageRequest request;
  request.add_commune_codes("31555");
  request.add_needs(common_pb::NEED_MEALS);
  request.add_needs(common_pb::NEED_SAFETY);
  const auto checked = Call(directory_, &Directory::CheckCoverage, request, Coordinator());
  ASSERT_THAT(checked, IsOk());
  EXPECT_THAT(checked->answers(0).full_partner_ids(), ElementsAre(partner));
  EXPECT_THAT(checked->answers(1).full_partner_ids(), IsEmpty());
  EXPECT_EQ(Get(partner, Coordinator())->partner().open_referrals(), 1);
}

TEST_F(PartnersTest, CoverageAnswersEachPairInTheOrderOfTheRequest) {
  pb::RegisterPartnerRequest paris = Registration("Paris");
  paris.mutable_partner()->mutable_coverage(0)->set_commune_codes(0, "75056");
  ASSERT_THAT(Send(paris), IsOk());
  pb::CheckCoverageRequest request;
  request.add_commune_codes("75120");
  request.add_commune_codes("31555");
  const auto checked = Call(directory_, &Directory::CheckCoverage, request, Coordinator());
  ASSERT_THAT(checked, IsOk());
  ASSERT_EQ(checked->answers_size(), 2 * 14);
  EXPECT_EQ(checked->answers(0).commune_code(), "75120");
  EXPECT_EQ(checked->answers(0).need(), common_pb::NEED_MEALS);
  EXPECT_EQ(checked->answers(0).partner_ids_size(), 1);
  EXPECT_EQ(checked->answers(14).commune_code(), "31555");
  EXPECT_EQ(checked->answers(14).partner_ids_size(), 0);
}

}  // namespace
}  // namespace veille::referral
