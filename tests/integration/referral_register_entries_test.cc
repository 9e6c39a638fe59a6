// Entries in the town hall's register: only town halls take them, with a written request, in eight
// days.

#include <gmock/gmock.h>

#include "integration/referral_terms_fixture.h"
#include "testing/bad_request.h"

namespace veille::referral {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::UnorderedElementsAre;
using enum OverdueOutcome;
using testing::FieldsOf;
using testing::IsOk;
using testing::ReasonIs;
using testing::WaitUntil;

using Directory = pb::PartnerDirectoryService::Stub;

class RegisterEntriesTest : public TermsFixture {
 protected:
  // A partner of this kind that covers what `Registration` does, and entries in the register.
  absl::StatusOr<pb::RegisterPartnerResponse> Send(
      const std::string& name, pb::PartnerKind kind, const std::string& endpoint = "",
      pb::PartnerPayload payload = pb::PARTNER_PAYLOAD_THIN) {
    pb::RegisterPartnerRequest request = Registration(name);
    request.mutable_partner()->set_kind(kind);
    request.mutable_partner()->set_endpoint(endpoint);
    request.mutable_partner()->set_payload(payload);
    request.mutable_partner()->mutable_coverage(0)->add_needs(common_pb::NEED_MUNICIPAL_REGISTER);
    return Call(directory_, &Directory::RegisterPartner, request, Coordinator());
  }
  std::string TownHall(const std::string& name, const std::string& endpoint = "127.0.0.1:7009",
                       pb::PartnerPayload payload = pb::PARTNER_PAYLOAD_THIN) {
    const auto registered = Send(name, pb::PARTNER_KIND_TOWN_HALL, endpoint, payload);
    EXPECT_THAT(registered, IsOk());
    return registered.ok() ? registered->partner().partner_id() : "";
  }
  // One that covers the need in the database, although its kind does not take it.
  std::string CoveringAnyway(const std::string& name) {
    const std::string partner = TownHall(name);
    test_database_.Query("UPDATE partners SET kind = 2 WHERE partner_id = '" + partner + "'");
    return partner;
  }

  // Of somebody who did not object on 31 March at 17:30 in Paris.
  static void AskForEntry(pb::CreateReferralRequest& request) {
    request.set_need(common_pb::NEED_MUNICIPAL_REGISTER);
    auto& entry = *request.mutable_basis()->mutable_agreement()->mutable_register_entry();
    entry.set_ground(common_pb::REGISTER_GROUND_AGE_60_UNFIT_FOR_WORK);
    entry.mutable_non_objection_time()->set_seconds(1585668600);
  }
  std::string CreateEntry() { return CreateOne(AskForEntry); }
  std::vector<std::string> RefusedOf(
      const std::function<void(pb::CreateReferralRequest&)>& change) {
    pb::CreateReferralRequest request = Creation();
    change(request);
    return FieldsOf(Create(request).status());
  }

  std::string GivenTo(const std::string& referral) {
    const pb::Referral read = Read(referral);
    return read.assignments().empty() ? "" : read.assignments().rbegin()->partner_id();
  }
  absl::StatusOr<partner_pb::GetMyReferralResponse> Get(const std::string& partner,
                                                        const std::string& referral) {
    partner_pb::GetMyReferralRequest request;
    request.set_referral_id(referral);
    return Call(desk_, &partner_pb::PartnerDeskService::Stub::GetMyReferral, request,
                PartnerOf(partner));
  }
  absl::StatusOr<pb::RerouteReferralResponse> Reroute(const std::string& referral,
                                                      const std::string& partner) {
    pb::RerouteReferralRequest request;
    request.set_request_id(NewId());
    request.set_referral_id(referral);
    request.set_partner_id(partner);
    return Call(referrals_, &pb::ReferralService::Stub::RerouteReferral, request, Coordinator());
  }
};

TEST_F(RegisterEntriesTest, OnlyTownHallsAreRegisteredForThem) {
  for (const auto kind :
       {pb::PARTNER_KIND_CCAS, pb::PARTNER_KIND_CIAS, pb::PARTNER_KIND_DEPARTEMENT,
        pb::PARTNER_KIND_ASSOCIATION, pb::PARTNER_KIND_OTHER}) {
    const auto refused = Send(pb::PartnerKind_Name(kind), kind);
    EXPECT_THAT(refused, ReasonIs(common_pb::ERROR_REASON_INVALID_FIELDS));
    EXPECT_THAT(FieldsOf(refused.status()), ElementsAre("partner.coverage[0].needs[2]"));
  }
  const std::string town_hall = TownHall("Mairie");
  pb::UpdatePartnerRequest update;
  update.set_request_id(NewId());
  update.mutable_partner()->set_partner_id(town_hall);
  update.mutable_partner()->set_kind(pb::PARTNER_KIND_CCAS);
  update.mutable_update_mask()->add_paths("kind");
  EXPECT_THAT(FieldsOf(Call(directory_, &Directory::UpdatePartner, update, Coordinator()).status()),
              ElementsAre("partner.coverage[0].needs[2]"));
}

TEST_F(RegisterEntriesTest, OnlyATownHallIsAssigned) {
  const std::string covering = CoveringAnyway("A");
  const std::string uncovered = CreateEntry();
  EXPECT_EQ(GivenTo(uncovered), "");
  ItemOf(uncovered, pb::WORKLIST_REASON_NO_PARTNER);
  EXPECT_EQ(GivenTo(CreateOne()), covering);  // meals go there as before

  const std::string town_hall = TownHall("B");
  const std::string referral = CreateEntry();
  EXPECT_EQ(GivenTo(referral), town_hall);
  ASSERT_THAT(Decline(town_hall, referral), IsOk());
  EXPECT_EQ(GivenTo(referral), town_hall);  // nobody else is asked
  ItemOf(referral, pb::WORKLIST_REASON_DECLINED);
}

// Nor when a coordinator names another: the way out is told.
TEST_F(RegisterEntriesTest, ACoordinatorCannotGiveItToAnybodyElse) {
  const std::string other = CoveringAnyway("A");
  const std::string town_hall = TownHall("B");
  const std::string next = TownHall("C");
  const std::string referral = CreateEntry();
  EXPECT_THAT(FieldsOf(Reroute(referral, other).status()), ElementsAre("partner_id"));
  EXPECT_EQ(GivenTo(referral), town_hall);
  EXPECT_EQ(Value("SELECT count(*) FROM assignments WHERE state = 1"), "1");
  ASSERT_THAT(Reroute(referral, next), IsOk());
  EXPECT_EQ(GivenTo(referral), next);

  ASSERT_THAT(Decline(next, referral, /*fence=*/2), IsOk());
  const std::string item = ItemOf(referral, pb::WORKLIST_REASON_DECLINED).worklist_item_id();
  EXPECT_THAT(FieldsOf(Decide(item, pb::WORKLIST_DECISION_ASSIGN, other).status()),
              ElementsAre("partner_id"));
  EXPECT_THAT(Decide(item, pb::WORKLIST_DECISION_ASSIGN, town_hall), IsOk());
}

TEST_F(RegisterEntriesTest, CoverageNamesTownHallsAlone) {
  const std::string covering = CoveringAnyway("A");
  const std::string town_hall = TownHall("B");
  pb::CheckCoverageRequest request;
  request.add_commune_codes("31555");
  request.add_needs(common_pb::NEED_MUNICIPAL_REGISTER);
  request.add_needs(common_pb::NEED_MEALS);
  const auto checked = Call(directory_, &Directory::CheckCoverage, request, Coordinator());
  ASSERT_THAT(checked, IsOk());
  EXPECT_THAT(checked->answers(0).partner_ids(), ElementsAre(town_hall));
  EXPECT_THAT(checked->answers(0).full_partner_ids(), IsEmpty());
  EXPECT_THAT(checked->answers(1).partner_ids(), ElementsAre(covering, town_hall));
}

TEST_F(RegisterEntriesTest, AreAskedForWithTheirGroundAndNeverWithoutTheirSubject) {
  const std::string entry = "basis.agreement.register_entry";
  EXPECT_THAT(RefusedOf([](auto& request) {
                AskForEntry(request);
                request.mutable_basis()->mutable_agreement()->clear_register_entry();
              }),
              ElementsAre(entry));
  EXPECT_THAT(RefusedOf([](auto& request) {
                AskForEntry(request);
                request.set_need(common_pb::NEED_MEALS);
              }),
              ElementsAre(entry));
  EXPECT_THAT(RefusedOf([](auto& request) {
                AskForEntry(request);
                request.mutable_basis()->mutable_agreement()->mutable_register_entry()->Clear();
              }),
              UnorderedElementsAre(entry + ".ground", entry + ".non_objection_time"));
  EXPECT_THAT(RefusedOf([](auto& request) {
                AskForEntry(request);
                request.set_urgency(common_pb::URGENCY_EMERGENCY);
                request.mutable_basis()->set_vital_interest_reason("Ne répond plus.");
              }),
              ElementsAre("basis.vital_interest_reason"));
  EXPECT_EQ(Value("SELECT count(*) FROM referrals"), "0");
}

TEST_F(RegisterEntriesTest, TheGroundStandsSealedAndIsShownToACoordinator) {
  TownHall("Mairie");
  const std::string referral = CreateEntry();
  EXPECT_EQ(Value("SELECT get_byte(basis, 0) FROM referrals"), "0");
  EXPECT_THAT(Value("SELECT (to_jsonb(r) - 'basis')::text FROM referrals AS r"),
              Not(HasSubstr("ground")));
  const auto entry = Read(referral).basis().agreement().register_entry();
  EXPECT_EQ(entry.ground(), common_pb::REGISTER_GROUND_AGE_60_UNFIT_FOR_WORK);
  EXPECT_EQ(entry.non_objection_time().seconds(), 1585668600);
}

TEST_F(RegisterEntriesTest, TheTownHallReadsTheWrittenRequest) {
  const std::string town_hall = TownHall("Mairie");
  const std::string referral = CreateEntry();
  const auto read = Get(town_hall, referral);
  ASSERT_THAT(read, IsOk());
  const partner_pb::PartnerCase& own = read->partner_case();
  EXPECT_THAT(own.person().address_lines(), ElementsAre("12 rue des Lilas"));
  for (const std::string& part :
       {std::string("article L121-6-1"), std::string("Mme Odette Lefèvre"),
        std::string("12 rue des Lilas, Toulouse"), std::string("reconnue inapte au travail"),
        std::string("ne s'y est pas opposée le 31 mars 2020 à 17 h 30"), referral}) {
    EXPECT_THAT(own.written_request(), HasSubstr(part));
  }

  partner_pb::ListMyReferralsRequest list;
  const auto listed = Call(desk_, &partner_pb::PartnerDeskService::Stub::ListMyReferrals, list,
                           PartnerOf(town_hall));
  ASSERT_THAT(listed, IsOk());
  ASSERT_EQ(listed->cases_size(), 1);
  EXPECT_EQ(listed->cases(0).written_request(), "");
  ASSERT_THAT(Accept(town_hall, referral), IsOk());
  EXPECT_NE(Get(town_hall, referral)->partner_case().written_request(), "");
  ASSERT_THAT(Close(town_hall, referral), IsOk());
  EXPECT_EQ(Get(town_hall, referral)->partner_case().written_request(), "");
  const std::string meals = CreateOne();
  EXPECT_EQ(Get(town_hall, meals)->partner_case().written_request(), "");
}

// The law wants the request in writing: somebody who telephones a town hall sends it on paper.
TEST_F(RegisterEntriesTest, ACoordinatorReadsTheWrittenRequestForATownHallWithoutAMachine) {
  const auto read = [&](const std::string& referral) {
    pb::GetReferralRequest request;
    request.set_referral_id(referral);
    return Call(referrals_, &pb::ReferralService::Stub::GetReferral, request, Coordinator());
  };
  const std::string uncovered = CreateEntry();
  EXPECT_EQ(read(uncovered)->written_request(), "");
  const std::string town_hall = TownHall("Mairie", "");
  const std::string referral = CreateEntry();
  const auto letter = read(referral);
  ASSERT_THAT(letter, IsOk());
  EXPECT_EQ(GivenTo(referral), town_hall);
  EXPECT_THAT(letter->written_request(), HasSubstr("12 rue des Lilas, Toulouse"));
  EXPECT_EQ(read(CreateOne())->written_request(), "");
}

TEST_F(RegisterEntriesTest, TheGroundOfSomebodyWhoObjectsIsNotKept) {
  TownHall("Mairie");
  const std::string referral = CreateOne([](pb::CreateReferralRequest& request) {
    AskForEntry(request);
    request.set_objection(true);
  });
  const pb::Referral kept = Read(referral);
  EXPECT_EQ(kept.state(), common_pb::REFERRAL_STATE_CANCELLED);
  EXPECT_EQ(kept.basis().agreement().text_version(), "2020-04");
  EXPECT_FALSE(kept.basis().agreement().has_register_entry());
}

TEST_F(RegisterEntriesTest, AWholeCaseThatIsPushedHasTheWrittenRequest) {
  FakeInbox inbox;
  TownHall("Mairie", inbox.address(), pb::PARTNER_PAYLOAD_FULL);
  CreateEntry();
  const auto engine = StartEngine();
  ASSERT_TRUE(WaitUntil([&] { return inbox.notices().size() == 1; }));
  const auto notice = inbox.notices()[0];
  EXPECT_EQ(notice.need(), common_pb::NEED_MUNICIPAL_REGISTER);
  EXPECT_THAT(notice.partner_case().written_request(), HasSubstr("31 mars 2020 à 17 h 30"));
}

// Eight days of the calendar, whatever the urgency and the campaign say; what follows them does not
// wait for eight more.
TEST_F(RegisterEntriesTest, AreAcknowledgedInEightDays) {
  TownHall("A");
  TownHall("B");
  MoveTo("2020-04-09 18:00");
  const auto entry = [](common_pb::Urgency urgency) {
    return [urgency](pb::CreateReferralRequest& request) {
      AskForEntry(request);
      request.set_urgency(urgency);
      request.mutable_acknowledge_deadlines()->mutable_emergency()->set_seconds(60);
      request.mutable_acknowledge_deadlines()->set_routine_working_days(1);
      request.mutable_acknowledge_deadlines()->mutable_priority()->set_seconds(900);
    };
  };
  const std::string routine = CreateOne(entry(common_pb::URGENCY_ROUTINE));
  EXPECT_EQ(DeadlineOf(routine), "2020-04-17 18:00");
  EXPECT_EQ(DeadlineOf(CreateOne(entry(common_pb::URGENCY_PRIORITY))), "2020-04-17 18:00");
  MarkReceived();
  MoveTo("2020-04-17 17:58");
  EXPECT_THAT(Round(), IsEmpty());
  MoveTo("2020-04-17 18:01");
  EXPECT_THAT(Round(), ElementsAre(kReminded, kReminded));
  EXPECT_EQ(DeadlineOf(routine), "2020-04-20 17:00");
}

}  // namespace
}  // namespace veille::referral
