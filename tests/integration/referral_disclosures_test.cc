// What partners are told of a person, and the statement that is printed for that person: each item
// of each message, and nothing that was in none.

#include <gmock/gmock.h>
#include <google/protobuf/descriptor.h>

#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "integration/referral_fixture.h"
#include "referral/convert/personal_items.h"

namespace veille::referral {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::IsOk;
using ::testing::IsSupersetOf;
using ::testing::Pair;
using testing::ReasonIs;
using ::testing::SizeIs;
using testing::WaitUntil;

using Referrals = pb::ReferralService::Stub;
using Desk = partner_pb::PartnerDeskService::Stub;
using Items = std::vector<std::pair<std::string, std::vector<std::string>>>;
// How, what, and how often.
using Told = std::map<std::pair<pb::DisclosureWay, Items>, int>;

const auto kNotFound = ReasonIs(common_pb::ERROR_REASON_REFERRAL_NOT_FOUND);

// What a message says of the person: what a partner received, read by the contract.
Items ItemsIn(const google::protobuf::Message& message) {
  Items items;
  for (const DisclosedItem& item : PersonalItemsOf(message)) {
    items.emplace_back(item.name, item.values);
  }
  return items;
}

Items ItemsIn(const pb::Disclosure& disclosure) {
  Items items;
  for (const pb::DisclosedField& field : disclosure.fields()) {
    items.emplace_back(field.name(),
                       std::vector<std::string>(field.values().begin(), field.values().end()));
  }
  return items;
}

class DisclosuresTest : public ReferralFixture {
 protected:
  absl::StatusOr<pb::GetDisclosureStatementResponse> Ask(const std::string& tenant,
                                                         const Identity& identity) {
    pb::GetDisclosureStatementRequest request;
    request.set_tenant_id(tenant);
    return Call(referrals_, &Referrals::GetDisclosureStatement, request, identity);
  }
  // Of the person whom the test is about.
  std::vector<pb::DisclosedCase> Statement() {
    const auto told = Ask(tenant_, Coordinator());
    EXPECT_THAT(told, IsOk());
    if (!told.ok()) return {};
    return {told->cases().begin(), told->cases().end()};
  }
  // What was told of the only case.
  std::vector<pb::Disclosure> Disclosures() {
    const auto cases = Statement();
    EXPECT_THAT(cases, SizeIs(1));
    if (cases.size() != 1) return {};
    return {cases[0].disclosures().begin(), cases[0].disclosures().end()};
  }
  Told ToldByStatement() {
    Told told;
    for (const pb::Disclosure& one : Disclosures()) {
      told[{one.way(), ItemsIn(one)}] += static_cast<int>(one.times());
    }
    return told;
  }

  // A referral of that person.
  std::string CreateOwn(const std::function<void(pb::CreateReferralRequest&)>& change = nullptr) {
    return CreateOne([&](pb::CreateReferralRequest& request) {
      request.set_tenant_id(tenant_);
      if (change) change(request);
    });
  }
  bool BecomesState(const std::string& referral, common_pb::ReferralState state) {
    return WaitUntil([&] { return Read(referral).state() == state; });
  }
  partner_pb::PartnerCase Fetch(const std::string& partner, const std::string& referral) {
    partner_pb::GetMyReferralRequest request;
    request.set_referral_id(referral);
    const auto read = Call(desk_, &Desk::GetMyReferral, request, PartnerOf(partner));
    EXPECT_THAT(read, IsOk());
    return read.ok() ? read->partner_case() : partner_pb::PartnerCase();
  }
  std::vector<partner_pb::PartnerCase> List(const std::string& partner) {
    const auto listed = Call(desk_, &Desk::ListMyReferrals, {}, PartnerOf(partner));
    EXPECT_THAT(listed, IsOk());
    if (!listed.ok()) return {};
    return {listed->cases().begin(), listed->cases().end()};
  }
  absl::Status RecordAnswer(const std::string& referral, pb::PartnerAnswerKind answer) {
    pb::RecordPartnerAnswerRequest request;
    request.set_request_id(NewId());
    request.set_referral_id(referral);
    request.set_assignment_fence(1);
    request.set_answer(answer);
    if (answer != pb::PARTNER_ANSWER_KIND_NOT_REACHED) request.set_answered_by("Accueil");
    return Call(referrals_, &Referrals::RecordPartnerAnswer, request, Coordinator()).status();
  }

  const std::string tenant_ = NewId();
  FakeInbox inbox_;
};

TEST(PersonalItemsTest, WhatIsAbsentTellsNothing) {
  partner_pb::PartnerCase shown;
  shown.set_referral_id("R");
  shown.set_version(7);
  shown.mutable_person();
  EXPECT_THAT(ItemsIn(shown), IsEmpty());
  shown.mutable_person()->add_phones("");
  EXPECT_THAT(ItemsIn(shown), ElementsAre(Pair("person.phones", ElementsAre(""))));
}

TEST(PersonalItemsTest, EntriesOfListsAreNumbered) {
  partner_pb::ListMyReferralsResponse listed;
  listed.add_cases()->set_words("a; b");
  listed.add_cases()->set_urgency(common_pb::URGENCY_PRIORITY);
  listed.set_next_page_token("T");
  EXPECT_THAT(ItemsIn(listed),
              ElementsAre(Pair("cases[0].words", ElementsAre("a; b")),
                          Pair("cases[1].urgency", ElementsAre("URGENCY_PRIORITY"))));
}

TEST(PersonalItemsTest, AFieldWithoutAClassHasThatOfWhatItIsIn) {
  pb::SharingBasis basis;
  basis.mutable_agreement()->set_text_version("1");  // says nothing about a person
  basis.mutable_agreement()->mutable_agree_time()->set_seconds(5);
  EXPECT_THAT(ItemsIn(basis), ElementsAre(Pair("agreement.agree_time.seconds", ElementsAre("5"))));
}

TEST_F(DisclosuresTest, AThinPushTellsNeedAndUrgency) {
  const std::string partner = Register("CCAS", inbox_.address());
  const std::string referral = CreateOwn();
  const auto engine = StartEngine();
  ASSERT_TRUE(BecomesState(referral, common_pb::REFERRAL_STATE_RECEIVED));

  const auto cases = Statement();
  ASSERT_THAT(cases, SizeIs(1));
  EXPECT_EQ(cases[0].referral_id(), referral);
  EXPECT_EQ(cases[0].campaign_id(), campaign_);
  EXPECT_EQ(cases[0].need(), common_pb::NEED_MEALS);
  EXPECT_EQ(cases[0].basis().agreement().text_version(), "2020-04");
  EXPECT_EQ(cases[0].basis().agreement().agree_time().seconds(), 1585720000);
  EXPECT_EQ(cases[0].create_time().seconds(), 1585720800);
  EXPECT_FALSE(cases[0].has_withdraw_time());
  EXPECT_FALSE(cases[0].unreadable());
  EXPECT_FALSE(cases[0].incomplete());
  ASSERT_EQ(cases[0].disclosures_size(), 1);
  const pb::Disclosure& told = cases[0].disclosures(0);
  EXPECT_EQ(told.partner_id(), partner);
  EXPECT_EQ(told.partner_name(), "CCAS");
  EXPECT_EQ(told.assignment_fence(), 1);
  EXPECT_EQ(told.way(), pb::DISCLOSURE_WAY_PUSH);
  EXPECT_EQ(told.first_time().seconds(), 1585720800);
  EXPECT_EQ(told.last_time().seconds(), 1585720800);
  EXPECT_EQ(told.times(), 1);
  EXPECT_TRUE(told.has_receive_time());
  EXPECT_THAT(ItemsIn(told), ElementsAre(Pair("need", ElementsAre("NEED_MEALS")),
                                         Pair("urgency", ElementsAre("URGENCY_ROUTINE"))));
}

TEST_F(DisclosuresTest, AFullPushTellsTheCaseWhereTheRegistrationSaysSo) {
  Register("CCAS", inbox_.address(), 0, pb::PARTNER_PAYLOAD_FULL);
  const std::string referral = CreateOwn([](auto& request) {
    request.mutable_contact()->add_phones("+33561000002");
    request.mutable_contact()->clear_given_name();
  });
  const auto engine = StartEngine();
  ASSERT_TRUE(BecomesState(referral, common_pb::REFERRAL_STATE_RECEIVED));
  const auto told = Disclosures();
  ASSERT_THAT(told, SizeIs(1));
  EXPECT_THAT(
      ItemsIn(told[0]),
      ElementsAre(Pair("need", ElementsAre("NEED_MEALS")),
                  Pair("urgency", ElementsAre("URGENCY_ROUTINE")),
                  Pair("partner_case.state", ElementsAre("REFERRAL_STATE_REQUESTED")),
                  Pair("partner_case.need", ElementsAre("NEED_MEALS")),
                  Pair("partner_case.urgency", ElementsAre("URGENCY_ROUTINE")),
                  Pair("partner_case.commune_code", ElementsAre("31555")),
                  Pair("partner_case.words", ElementsAre("Ne peut plus sortir faire ses courses.")),
                  Pair("partner_case.person.title", ElementsAre("Mme")),
                  Pair("partner_case.person.family_name", ElementsAre("Lefèvre")),
                  Pair("partner_case.person.phones", ElementsAre("+33561000001", "+33561000002")),
                  Pair("partner_case.person.address_lines", ElementsAre("12 rue des Lilas")),
                  Pair("partner_case.person.commune_name", ElementsAre("Toulouse"))));
  EXPECT_EQ(ItemsIn(told[0]), ItemsIn(inbox_.notices().at(0)));
}

// Who only telephones gets no street address, and the statement names none.
TEST_F(DisclosuresTest, WhatANeedDoesNotAllowIsNotTold) {
  const std::string partner = Register("CCAS", inbox_.address());
  const std::string referral =
      CreateOwn([](auto& request) { request.set_need(common_pb::NEED_ADMIN); });
  Fetch(partner, referral);
  for (const auto& [name, values] : ItemsIn(Disclosures().at(0))) {
    EXPECT_NE(name, "person.address_lines");
  }
}

TEST_F(DisclosuresTest, TheStatementIsWhatThePartnerGot) {
  const std::string partner = Register("CCAS", inbox_.address(), 0, pb::PARTNER_PAYLOAD_FULL);
  const std::string referral = CreateOwn();
  Told got;
  {
    const auto engine = StartEngine();
    ASSERT_TRUE(BecomesState(referral, common_pb::REFERRAL_STATE_RECEIVED));
    pb::CreateReferralRequest again = Creation();
    again.set_tenant_id(tenant_);
    again.set_urgency(common_pb::URGENCY_PRIORITY);  // told again, as more urgent
    ASSERT_TRUE(Create(again)->existing());
    ASSERT_TRUE(WaitUntil([&] { return inbox_.notices().size() == 2; }));
  }
  for (const auto& notice : inbox_.notices()) ++got[{pb::DISCLOSURE_WAY_PUSH, ItemsIn(notice)}];
  const auto read = [&](const partner_pb::PartnerCase& shown) {
    ++got[{pb::DISCLOSURE_WAY_READ, ItemsIn(shown)}];
  };
  read(Fetch(partner, referral));
  ++got[{pb::DISCLOSURE_WAY_LIST, ItemsIn(List(partner).at(0))}];
  read(Fetch(partner, referral));
  read(Accept(partner, referral)->partner_case());
  read(Start(partner, referral)->partner_case());
  read(Close(partner, referral)->partner_case());
  read(Fetch(partner, referral));
  ++got[{pb::DISCLOSURE_WAY_LIST, ItemsIn(List(partner).at(0))}];
  EXPECT_EQ(ToldByStatement(), got);
}

// It stands there before it leaves: whatever fails afterwards, it is not missing.
TEST_F(DisclosuresTest, APushIsRecordedBeforeItLeaves) {
  std::vector<std::string> recorded;
  inbox_.SetAnswer([&](const auto&, auto&) {
    recorded.push_back(Value("SELECT count(*) FROM disclosures"));
    return grpc::Status::OK;
  });
  Register("CCAS", inbox_.address());
  const std::string referral = CreateOwn();
  EXPECT_EQ(Value("SELECT count(*) FROM disclosures"), "0");
  auto engine = StartEngine();
  ASSERT_TRUE(BecomesState(referral, common_pb::REFERRAL_STATE_RECEIVED));
  engine.reset();
  EXPECT_THAT(recorded, ElementsAre("1"));
}

TEST_F(DisclosuresTest, TriesOfAPushAreCounted) {
  inbox_.SetAnswer([](const auto&, auto&) {
    return grpc::Status(grpc::StatusCode::UNAVAILABLE, "closed for the week-end");
  });
  Register("CCAS", inbox_.address());
  CreateOwn();
  auto engine = StartEngine({.interval = absl::Milliseconds(20), .failures_before_rest = 1000});
  ASSERT_TRUE(WaitUntil([&] {
    test_database_.Query("UPDATE deliveries SET due_time = veille_now() WHERE state = 1");
    return inbox_.notices().size() >= 3;
  }));
  engine.reset();
  const auto told = Disclosures();
  ASSERT_THAT(told, SizeIs(1));
  EXPECT_EQ(told[0].times(), static_cast<int64_t>(inbox_.notices().size()));
  EXPECT_FALSE(told[0].has_receive_time());
}

TEST_F(DisclosuresTest, WhatIsReadAgainIsCountedNotRepeated) {
  const std::string partner = Register("CCAS", inbox_.address());
  const std::string referral = CreateOwn();
  for (int i = 0; i < 3; ++i) {
    Fetch(partner, referral);
    clock_.Advance(absl::Hours(1));
  }
  const auto told = Disclosures();
  ASSERT_THAT(told, SizeIs(1));
  EXPECT_EQ(told[0].way(), pb::DISCLOSURE_WAY_READ);
  EXPECT_EQ(told[0].times(), 3);
  EXPECT_EQ(told[0].first_time().seconds(), 1585720800);
  EXPECT_EQ(told[0].last_time().seconds(), 1585720800 + 2 * 3600);
  EXPECT_FALSE(told[0].has_receive_time());  // it read, and said nothing
}

// An act that was answered once and is repeated shows the case again.
TEST_F(DisclosuresTest, ARepeatedActIsReadAgain) {
  const std::string partner = Register("CCAS", inbox_.address());
  partner_pb::AcceptReferralRequest request;
  request.set_request_id(NewId());
  request.set_referral_id(CreateOwn());
  request.set_assignment_fence(1);
  const auto first = Call(desk_, &Desk::AcceptReferral, request, PartnerOf(partner));
  ASSERT_THAT(first, IsOk());
  ASSERT_THAT(Call(desk_, &Desk::AcceptReferral, request, PartnerOf(partner)), IsOk());
  EXPECT_EQ(ToldByStatement(),
            (Told{{{pb::DISCLOSURE_WAY_READ, ItemsIn(first->partner_case())}, 2}}));
}

TEST_F(DisclosuresTest, EachPartnerThatHadItIsNamed) {
  const std::string first = Register("A", inbox_.address());
  const std::string second = Register("B", "127.0.0.1:7009");
  const std::string referral = CreateOwn();
  Fetch(first, referral);
  clock_.Advance(absl::Minutes(1));
  ASSERT_THAT(Decline(first, referral), IsOk());
  clock_.Advance(absl::Minutes(1));
  Fetch(second, referral);
  const auto told = Disclosures();
  ASSERT_THAT(told, SizeIs(3));
  EXPECT_EQ(told[0].partner_name(), "A");
  EXPECT_EQ(told[1].partner_name(), "A");
  EXPECT_EQ(told[1].assignment_fence(), 1);
  EXPECT_EQ(told[2].partner_id(), second);
  EXPECT_EQ(told[2].assignment_fence(), 2);
  EXPECT_THAT(ItemsIn(told[0]), IsSupersetOf(Items{{"person.family_name", {"Lefèvre"}}}));
  EXPECT_THAT(ItemsIn(told[1]), IsSupersetOf(Items{{"state", {"REFERRAL_STATE_REJECTED"}}}));
  for (const auto& [name, values] : ItemsIn(told[1])) {
    EXPECT_NE(name, "person.family_name");  // it has the case no more
  }
}

TEST_F(DisclosuresTest, ThatACaseIsTakenBackTellsNothing) {
  Register("A", inbox_.address());
  const std::string referral = CreateOwn();
  const auto engine = StartEngine();
  ASSERT_TRUE(BecomesState(referral, common_pb::REFERRAL_STATE_RECEIVED));
  clock_.Advance(absl::Hours(1));
  pb::WithdrawReferralRequest request;
  request.set_request_id(NewId());
  request.set_referral_id(referral);
  request.set_note("Ne le souhaite plus.");
  ASSERT_THAT(Call(referrals_, &Referrals::WithdrawReferral, request, Coordinator()), IsOk());
  ASSERT_TRUE(WaitUntil([&] { return Value("SELECT state FROM deliveries") == "5"; }));
  ASSERT_TRUE(inbox_.notices().back().withdrawn());
  EXPECT_THAT(ItemsIn(inbox_.notices().back()), IsEmpty());
  const auto cases = Statement();
  EXPECT_EQ(cases.at(0).disclosures_size(), 1);
  EXPECT_EQ(cases.at(0).withdraw_time().seconds(), 1585720800 + 3600);
}

TEST_F(DisclosuresTest, WhoIsToldByTelephoneIsNamedWithoutItems) {
  Register("Voisins");
  const std::string referral = CreateOwn();
  ASSERT_THAT(RecordAnswer(referral, pb::PARTNER_ANSWER_KIND_NOT_REACHED), IsOk());
  EXPECT_THAT(Disclosures(), IsEmpty());  // nobody heard anything
  clock_.Advance(absl::Hours(1));
  ASSERT_THAT(RecordAnswer(referral, pb::PARTNER_ANSWER_KIND_RECEIVED), IsOk());
  clock_.Advance(absl::Hours(1));
  ASSERT_THAT(RecordAnswer(referral, pb::PARTNER_ANSWER_KIND_ACCEPTED), IsOk());
  const auto told = Disclosures();
  ASSERT_THAT(told, SizeIs(1));
  EXPECT_EQ(told[0].way(), pb::DISCLOSURE_WAY_TELEPHONE);
  EXPECT_EQ(told[0].partner_name(), "Voisins");
  EXPECT_EQ(told[0].times(), 2);
  EXPECT_EQ(told[0].first_time().seconds(), 1585720800 + 3600);
  EXPECT_EQ(told[0].last_time().seconds(), 1585720800 + 2 * 3600);
  EXPECT_EQ(told[0].receive_time().seconds(), 1585720800 + 3600);
  EXPECT_THAT(told[0].fields(), IsEmpty());
}

TEST_F(DisclosuresTest, ACaseThatNobodyHeardOfSaysWhyItMightHaveBeenShared) {
  CreateOwn([](auto& request) {
    request.set_urgency(common_pb::URGENCY_EMERGENCY);
    request.mutable_basis()->set_vital_interest_reason("Ne répond plus, gémit.");
  });
  const auto cases = Statement();
  ASSERT_THAT(cases, SizeIs(1));
  EXPECT_THAT(cases[0].disclosures(), IsEmpty());
  EXPECT_EQ(cases[0].basis().vital_interest_reason(), "Ne répond plus, gémit.");
}

TEST_F(DisclosuresTest, TheCasesComeInPagesTheOldestFirst) {
  const std::string first = CreateOwn();
  const std::string second =
      CreateOwn([](auto& request) { request.set_need(common_pb::NEED_ADMIN); });
  CreateOne();  // somebody else's
  pb::GetDisclosureStatementRequest request;
  request.set_tenant_id(tenant_);
  request.set_page_size(1);
  const auto page = Call(referrals_, &Referrals::GetDisclosureStatement, request, Coordinator());
  ASSERT_THAT(page, IsOk());
  ASSERT_EQ(page->cases_size(), 1);
  EXPECT_EQ(page->cases(0).referral_id(), first);
  EXPECT_EQ(page->statement_time().seconds(), 1585720800);
  EXPECT_EQ(Value("SELECT count(*) FROM audit_events WHERE object_kind = 'referral' AND "
                  "method = 'GetDisclosureStatement'"),
            "1");
  request.set_page_token(page->next_page_token());
  const auto rest = Call(referrals_, &Referrals::GetDisclosureStatement, request, Coordinator());
  ASSERT_THAT(rest, IsOk());
  ASSERT_EQ(rest->cases_size(), 1);
  EXPECT_EQ(rest->cases(0).referral_id(), second);
  EXPECT_EQ(rest->next_page_token(), "");
  request.set_page_token(second);
  const auto past = Call(referrals_, &Referrals::GetDisclosureStatement, request, Coordinator());
  ASSERT_THAT(past, IsOk());
  EXPECT_THAT(past->cases(), IsEmpty());
}

TEST_F(DisclosuresTest, CoordinatorsAndOfficersAskForItWithAReason) {
  const std::string referral = CreateOwn();
  Identity officer = Coordinator();
  officer.role = "dpo";
  for (Identity identity : {Coordinator(), officer}) {
    SCOPED_TRACE(identity.role);
    EXPECT_THAT(Ask(tenant_, identity), IsOk());
    EXPECT_EQ(Value("SELECT reason FROM audit_events WHERE method = 'GetDisclosureStatement' AND "
                    "object_id = '" +
                    referral + "' AND actor_role = '" + identity.role + "'"),
              identity.reason);
    identity.reason = "";
    EXPECT_THAT(Ask(tenant_, identity), ReasonIs(common_pb::ERROR_REASON_REASON_REQUIRED));
  }
  Identity volunteer = Coordinator();
  volunteer.role = "volunteer";
  for (const Identity& identity : {volunteer, CallTracking(), PartnerOf(Register("CCAS"))}) {
    SCOPED_TRACE(identity.role);
    EXPECT_THAT(Ask(tenant_, identity), ReasonIs(common_pb::ERROR_REASON_ACCESS_DENIED));
  }
}

TEST_F(DisclosuresTest, AnotherLandlordsPersonIsNotThere) {
  CreateOwn();
  const auto others = Ask(tenant_, OfOtherLandlord(Coordinator()));
  const auto nobodys = Ask(NewId(), Coordinator());
  EXPECT_THAT(others, kNotFound);
  EXPECT_EQ(others.status(), nobodys.status());  // word by word
}

TEST_F(DisclosuresTest, ATestOfAPartnerIsAboutNobody) {
  const std::string partner = Register("CCAS", inbox_.address());
  pb::TestPartnerRequest request;
  request.set_request_id(NewId());
  request.set_partner_id(partner);
  const auto begun =
      Call(directory_, &pb::PartnerDirectoryService::Stub::TestPartner, request, Coordinator());
  ASSERT_THAT(begun, IsOk());
  const auto engine = StartEngine();
  ASSERT_TRUE(WaitUntil([&] { return inbox_.notices().size() == 1; }));
  List(partner);
  Fetch(partner, inbox_.notices()[0].referral_id());
  EXPECT_EQ(Value("SELECT count(*) FROM disclosures"), "0");
}

TEST_F(DisclosuresTest, ItemsAreSealedAndLookAlike) {
  Register("CCAS", inbox_.address());
  CreateOwn();
  CreateOwn([](auto& request) { request.set_need(common_pb::NEED_ADMIN); });
  CreateOne();
  const auto engine = StartEngine();
  ASSERT_TRUE(WaitUntil([&] { return Value("SELECT count(*) FROM disclosures") == "3"; }));
  EXPECT_EQ(Value("SELECT count(DISTINCT items_blind) || ' ' || count(DISTINCT octet_length(items))"
                  " || ' ' || max(get_byte(items, 0)) FROM disclosures"),
            "3 1 0");
}

TEST_F(DisclosuresTest, WhatDoesNotOpenIsSaidToBeMissing) {
  const std::string partner = Register("CCAS", inbox_.address());
  const std::string referral = CreateOwn();
  Fetch(partner, referral);
  test_database_.Query("UPDATE disclosures SET items = '\\x07'");
  const auto cases = Statement();
  ASSERT_THAT(cases, SizeIs(1));
  EXPECT_TRUE(cases[0].unreadable());
  EXPECT_EQ(cases[0].need(), common_pb::NEED_MEALS);
  ASSERT_EQ(cases[0].disclosures_size(), 1);
  EXPECT_EQ(cases[0].disclosures(0).times(), 1);
  EXPECT_THAT(cases[0].disclosures(0).fields(), IsEmpty());
}

TEST_F(DisclosuresTest, WhatWasToldBeforeItWasRecordedIsSaidToBeMissing) {
  Register("CCAS", inbox_.address());
  CreateOwn();
  test_database_.Query("UPDATE assignments SET is_disclosure_recorded = false");
  EXPECT_TRUE(Statement().at(0).incomplete());
}

}  // namespace
}  // namespace veille::referral
