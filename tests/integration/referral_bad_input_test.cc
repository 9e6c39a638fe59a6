// What every RPC answers to requests that are not in order, each beside one that is.

#include <gmock/gmock.h>

#include "integration/referral_fixture.h"
#include "referral/convert/partner.h"
#include "testing/bad_request.h"

namespace veille::referral {
namespace {

using testing::IsOk;
using testing::ReasonIs;
using ::testing::UnorderedElementsAre;

using Directory = pb::PartnerDirectoryService::Stub;
using Referrals = pb::ReferralService::Stub;
using Desk = partner_pb::PartnerDeskService::Stub;

// The fields that a refusal names.
std::vector<std::string> FieldsOf(const absl::Status& status) {
  EXPECT_THAT(status, ReasonIs(common_pb::ERROR_REASON_INVALID_FIELDS));
  return testing::FieldsOf(status);
}

class BadInputTest : public ReferralFixture {
 protected:
  template <typename Stub, typename Request, typename Response>
  std::vector<std::string> Refused(const std::unique_ptr<Stub>& stub,
                                   grpc::Status (Stub::*method)(grpc::ClientContext*,
                                                                const Request&, Response*),
                                   const Request& request, const Identity& identity) {
    return FieldsOf(Call(stub, method, request, identity).status());
  }
  // Not a row more than before.
  std::string Rows() {
    return Value(
        "SELECT (SELECT count(*) FROM partners) + (SELECT count(*) FROM referrals) + "
        "(SELECT count(*) FROM requests) + (SELECT count(*) FROM outbox) + "
        "(SELECT count(*) FROM referral_events)");
  }
};

TEST_F(BadInputTest, RegisterPartner) {
  const auto register_partner = &Directory::RegisterPartner;
  EXPECT_THAT(Refused(directory_, register_partner, {}, Coordinator()),
              UnorderedElementsAre("request_id", "partner"));
  pb::RegisterPartnerRequest request;
  request.set_request_id("not-a-uuid");
  request.mutable_partner()->set_endpoint("");
  EXPECT_THAT(Refused(directory_, register_partner, request, Coordinator()),
              UnorderedElementsAre("request_id", "partner.name", "partner.kind", "partner.coverage",
                                   "partner.contact_phone"));
  request = Registration(std::string(201, 'x'));
  pb::Partner& partner = *request.mutable_partner();
  partner.set_kind(static_cast<pb::PartnerKind>(99));
  partner.set_endpoint("inbox.ccas.example:443");
  partner.set_contact_phone("05 61 00 00 00");
  partner.set_payload(static_cast<pb::PartnerPayload>(-1));
  partner.set_capacity(-1);
  partner.mutable_coverage(0)->set_commune_codes(0, "3155");
  partner.mutable_coverage(0)->add_needs(common_pb::NEED_MEALS);
  partner.mutable_coverage(0)->add_needs(static_cast<common_pb::Need>(77));
  partner.add_coverage();
  EXPECT_THAT(Refused(directory_, register_partner, request, Coordinator()),
              UnorderedElementsAre(
                  "partner.name", "partner.kind", "partner.endpoint", "partner.contact_phone",
                  "partner.payload", "partner.capacity", "partner.coverage[0].commune_codes[0]",
                  "partner.coverage[0].needs[2]", "partner.coverage[0].needs[3]",
                  "partner.coverage[1].commune_codes", "partner.coverage[1].needs"));
  EXPECT_EQ(Rows(), "0");
  EXPECT_THAT(Call(directory_, register_partner, Registration("CCAS"), Coordinator()), IsOk());
}

TEST_F(BadInputTest, EndpointsThatAreNotOfThisMachine) {
  for (const char* endpoint : {"10.0.0.1:80", "inbox.example:443", "dns:///127.0.0.1:80",
                               "unix:/tmp/inbox", "127.0.0.1.example:80", "127.0.0.1"}) {
    pb::RegisterPartnerRequest request = Registration(endpoint);
    request.mutable_partner()->set_endpoint(endpoint);
    EXPECT_THAT(Refused(directory_, &Directory::RegisterPartner, request, Coordinator()),
                UnorderedElementsAre("partner.endpoint"))
        << endpoint;
  }
  pb::RegisterPartnerRequest request = Registration("loopback");
  request.mutable_partner()->set_endpoint("127.0.0.1:80");
  EXPECT_THAT(Call(directory_, &Directory::RegisterPartner, request, Coordinator()), IsOk());
}

TEST_F(BadInputTest, EndpointsWithTls) {
  pb::RegisterPartnerRequest request = Registration("with TLS");
  for (const char* endpoint : {"inbox.example:443", "10.0.0.1:8443", "127.0.0.1:80"}) {
    request.mutable_partner()->set_endpoint(endpoint);
    EXPECT_THAT(FromProto(request, EndpointPolicy{}).status(), IsOk()) << endpoint;
  }
  for (const char* endpoint : {"dns:///inbox.example:443", "unix:/tmp/inbox", "inbox.example"}) {
    request.mutable_partner()->set_endpoint(endpoint);
    EXPECT_THAT(FieldsOf(FromProto(request, EndpointPolicy{}).status()),
                UnorderedElementsAre("partner.endpoint"))
        << endpoint;
  }
}

TEST_F(BadInputTest, ReadingPartners) {
  EXPECT_THAT(Refused(directory_, &Directory::GetPartner, {}, Coordinator()),
              UnorderedElementsAre("partner_id"));
  pb::ListPartnersRequest list;
  list.set_page_size(-1);
  list.set_page_token("next, please");
  EXPECT_THAT(Refused(directory_, &Directory::ListPartners, list, Coordinator()),
              UnorderedElementsAre("page_size", "page_token"));
  list.set_page_size(1001);
  list.clear_page_token();
  EXPECT_THAT(Refused(directory_, &Directory::ListPartners, list, Coordinator()),
              UnorderedElementsAre("page_size"));
  pb::CheckCoverageRequest coverage;
  coverage.add_needs(common_pb::NEED_UNSPECIFIED);
  EXPECT_THAT(Refused(directory_, &Directory::CheckCoverage, coverage, Coordinator()),
              UnorderedElementsAre("commune_codes", "needs[0]"));
  coverage.clear_needs();
  coverage.add_commune_codes("Toulouse");
  EXPECT_THAT(Refused(directory_, &Directory::CheckCoverage, coverage, Coordinator()),
              UnorderedElementsAre("commune_codes[0]"));

  pb::GetPartnerRequest get;
  get.set_partner_id(Register("CCAS"));
  EXPECT_THAT(Call(directory_, &Directory::GetPartner, get, Coordinator()), IsOk());
  list.set_page_size(1000);
  EXPECT_THAT(Call(directory_, &Directory::ListPartners, list, Coordinator()), IsOk());
  coverage.set_commune_codes(0, "31555");
  EXPECT_THAT(Call(directory_, &Directory::CheckCoverage, coverage, Coordinator()), IsOk());
}

TEST_F(BadInputTest, CreateReferral) {
  const auto create = &Referrals::CreateReferral;
  EXPECT_THAT(
      Refused(referrals_, create, {}, CallTracking()),
      UnorderedElementsAre("request_id", "finding_id", "campaign_id", "household_id", "tenant_id",
                           "commune_code", "time_zone", "need", "urgency", "basis", "contact"));
  pb::CreateReferralRequest request = Creation();
  request.set_commune_code("315550");
  request.set_time_zone("../../etc/passwd");
  request.set_need(static_cast<common_pb::Need>(77));
  request.set_urgency(static_cast<common_pb::Urgency>(-3));
  request.set_words(std::string(1001, 'x'));
  request.mutable_basis()->mutable_agreement()->set_text_version(std::string(65, 'v'));
  request.mutable_basis()->mutable_agreement()->mutable_agree_time()->set_seconds(-99999999999);
  request.mutable_contact()->clear_family_name();
  request.mutable_contact()->set_title(std::string(51, 'x'));
  request.mutable_contact()->set_phones(0, "0561000001");
  for (int i = 0; i < 6; ++i) request.mutable_contact()->add_address_lines("x");
  EXPECT_THAT(Refused(referrals_, create, request, CallTracking()),
              UnorderedElementsAre("commune_code", "time_zone", "need", "urgency", "words",
                                   "basis.agreement.text_version", "basis.agreement.agree_time",
                                   "contact.family_name", "contact.title", "contact.phones[0]",
                                   "contact.address_lines"));
  request = Creation();
  request.mutable_basis()->set_vital_interest_reason("Ne répond plus.");
  EXPECT_THAT(Refused(referrals_, create, request, CallTracking()),
              UnorderedElementsAre("basis.vital_interest_reason"));
  request = Creation();
  request.set_words(std::string("a\0b", 3));
  EXPECT_THAT(Refused(referrals_, create, request, CallTracking()), UnorderedElementsAre("words"));
  request.set_words("\xff\xfe");
  EXPECT_THAT(Refused(referrals_, create, request, CallTracking()), UnorderedElementsAre("words"));
  EXPECT_EQ(Rows(), "0");
  request.set_words(std::string(500, 'x') + "é");
  EXPECT_THAT(Create(request), IsOk());
}

TEST_F(BadInputTest, ReadingReferralsAndTheWorklist) {
  EXPECT_THAT(Refused(referrals_, &Referrals::GetReferral, {}, Coordinator()),
              UnorderedElementsAre("referral_id"));
  pb::ListReferralsRequest list;
  list.set_page_size(-5);
  list.set_page_token(std::string(201, '0'));
  list.set_campaign_id("spring");
  list.set_partner_id("ccas");
  list.add_states(static_cast<common_pb::ReferralState>(99));
  list.add_commune_codes("Toulouse");
  list.add_urgencies(common_pb::URGENCY_UNSPECIFIED);
  EXPECT_THAT(Refused(referrals_, &Referrals::ListReferrals, list, Coordinator()),
              UnorderedElementsAre("page_size", "page_token", "campaign_id", "partner_id",
                                   "states[0]", "commune_codes[0]", "urgencies[0]"));
  pb::ListWorklistRequest worklist;
  worklist.set_page_size(1001);
  worklist.set_page_token("9." + NewId());
  EXPECT_THAT(Refused(referrals_, &Referrals::ListWorklist, worklist, Coordinator()),
              UnorderedElementsAre("page_size", "page_token"));

  EXPECT_THAT(Refused(referrals_, &Referrals::GetDisclosureStatement, {}, Coordinator()),
              UnorderedElementsAre("tenant_id"));
  pb::GetDisclosureStatementRequest statement;
  statement.set_tenant_id("Mme Exemple");
  statement.set_page_size(1001);
  statement.set_page_token("2");
  EXPECT_THAT(Refused(referrals_, &Referrals::GetDisclosureStatement, statement, Coordinator()),
              UnorderedElementsAre("tenant_id", "page_size", "page_token"));

  pb::GetReferralRequest get;
  get.set_referral_id(CreateOne());
  EXPECT_THAT(Call(referrals_, &Referrals::GetReferral, get, Coordinator()), IsOk());
  EXPECT_THAT(Call(referrals_, &Referrals::ListReferrals, {}, Coordinator()), IsOk());
  EXPECT_THAT(Call(referrals_, &Referrals::ListWorklist, {}, Coordinator()), IsOk());
}

TEST_F(BadInputTest, RecordPartnerAnswer) {
  const auto record = &Referrals::RecordPartnerAnswer;
  Register("Voisins");
  EXPECT_THAT(Refused(referrals_, record, {}, Coordinator()),
              UnorderedElementsAre("request_id", "referral_id", "assignment_fence", "answer",
                                   "answered_by"));
  pb::RecordPartnerAnswerRequest request;
  request.set_request_id(NewId());
  request.set_referral_id(CreateOne());
  request.set_assignment_fence(-1);
  request.set_answer(static_cast<pb::PartnerAnswerKind>(99));
  request.set_answered_by(std::string(201, 'x'));
  request.mutable_answer_time()->set_seconds(-99999999999);
  request.set_decline_reason(common_pb::DECLINE_REASON_NO_CAPACITY);
  request.set_outcome(common_pb::REFERRAL_OUTCOME_HELPED);
  request.set_note(std::string(2001, 'x'));
  const std::string rows = Rows();
  EXPECT_THAT(Refused(referrals_, record, request, Coordinator()),
              UnorderedElementsAre("assignment_fence", "answer", "answered_by", "answer_time",
                                   "decline_reason", "outcome", "note"));
  request.set_assignment_fence(1);
  request.set_answer(pb::PARTNER_ANSWER_KIND_NOT_REACHED);
  request.set_answered_by("Accueil");
  request.clear_answer_time();
  request.clear_decline_reason();
  request.clear_outcome();
  request.clear_note();
  EXPECT_THAT(Refused(referrals_, record, request, Coordinator()),
              UnorderedElementsAre("answered_by"));
  for (const auto answer : {pb::PARTNER_ANSWER_KIND_DECLINED, pb::PARTNER_ANSWER_KIND_CLOSED}) {
    request.set_answer(answer);
    const bool is_close = answer == pb::PARTNER_ANSWER_KIND_CLOSED;
    EXPECT_THAT(Refused(referrals_, record, request, Coordinator()),
                UnorderedElementsAre(is_close ? "outcome" : "decline_reason"));
  }
  request.set_outcome(common_pb::REFERRAL_OUTCOME_COULD_NOT_HELP);
  EXPECT_THAT(Refused(referrals_, record, request, Coordinator()), UnorderedElementsAre("note"));
  request.clear_outcome();
  request.set_answer(pb::PARTNER_ANSWER_KIND_DECLINED);
  request.set_decline_reason(common_pb::DECLINE_REASON_OTHER);
  EXPECT_THAT(Refused(referrals_, record, request, Coordinator()), UnorderedElementsAre("note"));
  EXPECT_EQ(Rows(), rows);
  request.set_note("Ferme pour travaux.");
  EXPECT_THAT(Call(referrals_, record, request, Coordinator()), IsOk());
}

TEST_F(BadInputTest, ChannelsAndContactsThatContradictThemselves) {
  pb::RegisterPartnerRequest request = Registration("Voisins");
  pb::Partner& partner = *request.mutable_partner();
  const auto refused = [&] {
    return Refused(directory_, &Directory::RegisterPartner, request, Coordinator());
  };
  partner.set_channel(static_cast<pb::PartnerChannel>(9));
  EXPECT_THAT(refused(), UnorderedElementsAre("partner.channel"));
  partner.set_channel(pb::PARTNER_CHANNEL_GRPC);
  EXPECT_THAT(refused(), UnorderedElementsAre("partner.endpoint"));
  partner.set_channel(pb::PARTNER_CHANNEL_BY_HAND);
  partner.set_endpoint("127.0.0.1:7009");
  EXPECT_THAT(refused(), UnorderedElementsAre("partner.endpoint"));
  partner.clear_endpoint();
  partner.clear_contact_phone();
  EXPECT_THAT(refused(), UnorderedElementsAre("partner.contact_phone"));
  partner.set_contact_phone("+33561000000");
  partner.mutable_second_contact()->set_role(std::string(101, 'x'));
  EXPECT_THAT(refused(),
              UnorderedElementsAre("partner.second_contact.role", "partner.second_contact.phone"));
  partner.mutable_second_contact()->set_role("astreinte");
  partner.mutable_second_contact()->set_phone("+33561000009");
  EXPECT_THAT(Call(directory_, &Directory::RegisterPartner, request, Coordinator()), IsOk());
}

TEST_F(BadInputTest, DecideWorklistItem) {
  const auto decide = &Referrals::DecideWorklistItem;
  EXPECT_THAT(Refused(referrals_, decide, {}, Coordinator()),
              UnorderedElementsAre("request_id", "worklist_item_id", "decision"));
  pb::DecideWorklistItemRequest request;
  request.set_request_id(NewId());
  request.set_worklist_item_id(
      ItemOf(CreateOne(), pb::WORKLIST_REASON_NO_PARTNER).worklist_item_id());
  request.set_decision(pb::WORKLIST_DECISION_ASSIGN);
  request.set_etag(std::string(65, 'v'));
  request.set_note(std::string(2001, 'x'));
  EXPECT_THAT(Refused(referrals_, decide, request, Coordinator()),
              UnorderedElementsAre("etag", "note", "partner_id"));
  request.clear_etag();
  request.clear_note();
  request.set_decision(pb::WORKLIST_DECISION_CANCEL);
  request.set_partner_id(NewId());
  EXPECT_THAT(Refused(referrals_, decide, request, Coordinator()),
              UnorderedElementsAre("note", "partner_id"));
  request.clear_partner_id();
  request.set_note("Doublon.");
  EXPECT_THAT(Call(referrals_, decide, request, Coordinator()), IsOk());
}

TEST_F(BadInputTest, Desk) {
  const std::string partner = Register("CCAS");
  const Identity agent = PartnerOf(partner);
  const auto what_every_act_needs =
      UnorderedElementsAre("request_id", "referral_id", "assignment_fence");
  EXPECT_THAT(Refused(desk_, &Desk::AcceptReferral, {}, agent), what_every_act_needs);
  EXPECT_THAT(Refused(desk_, &Desk::StartReferral, {}, agent), what_every_act_needs);
  EXPECT_THAT(Refused(desk_, &Desk::DeclineReferral, {}, agent),
              UnorderedElementsAre("request_id", "referral_id", "assignment_fence", "reason"));
  EXPECT_THAT(Refused(desk_, &Desk::CloseReferral, {}, agent),
              UnorderedElementsAre("request_id", "referral_id", "assignment_fence", "outcome"));
  EXPECT_THAT(Refused(desk_, &Desk::GetMyReferral, {}, agent), UnorderedElementsAre("referral_id"));
  partner_pb::ListMyReferralsRequest list;
  list.set_page_size(-1);
  for (int i = 0; i < 9; ++i) list.add_states(common_pb::REFERRAL_STATE_REQUESTED);
  EXPECT_THAT(Refused(desk_, &Desk::ListMyReferrals, list, agent),
              ::testing::IsSupersetOf({"page_size", "states"}));

  const std::string referral = CreateOne();
  partner_pb::DeclineReferralRequest decline;
  decline.set_request_id(NewId());
  decline.set_referral_id(referral);
  decline.set_assignment_fence(-1);
  decline.set_reason(common_pb::DECLINE_REASON_OTHER);
  EXPECT_THAT(Refused(desk_, &Desk::DeclineReferral, decline, agent),
              UnorderedElementsAre("assignment_fence", "note"));
  partner_pb::CloseReferralRequest close;
  close.set_request_id(NewId());
  close.set_referral_id(referral);
  close.set_assignment_fence(1);
  close.set_outcome(common_pb::REFERRAL_OUTCOME_COULD_NOT_HELP);
  EXPECT_THAT(Refused(desk_, &Desk::CloseReferral, close, agent), UnorderedElementsAre("note"));

  EXPECT_THAT(Call(desk_, &Desk::ListMyReferrals, {}, agent), IsOk());
  EXPECT_THAT(Accept(partner, referral), IsOk());
  close.set_note("Hors de notre compétence.");
  EXPECT_THAT(Call(desk_, &Desk::CloseReferral, close, agent), IsOk());
}

TEST_F(BadInputTest, EachMethodIsForItsRolesOnly) {
  const std::string partner = Register("CCAS");
  const auto denied = ReasonIs(common_pb::ERROR_REASON_ACCESS_DENIED);
  const Identity agent = PartnerOf(partner);
  EXPECT_THAT(Call(directory_, &Directory::RegisterPartner, Registration("X"), agent), denied);
  EXPECT_THAT(Call(directory_, &Directory::GetPartner, {}, agent), denied);
  EXPECT_THAT(Call(directory_, &Directory::ListPartners, {}, CallTracking()), denied);
  EXPECT_THAT(Call(directory_, &Directory::CheckCoverage, {}, agent), denied);
  EXPECT_THAT(Call(referrals_, &Referrals::CreateReferral, Creation(), Coordinator()), denied);
  Identity registry = CallTracking();
  registry.subject = "tenant-registry";
  EXPECT_THAT(Call(referrals_, &Referrals::CreateReferral, Creation(), registry), denied);
  EXPECT_THAT(Call(referrals_, &Referrals::GetReferral, {}, agent), denied);
  EXPECT_THAT(Call(referrals_, &Referrals::ListReferrals, {}, agent), denied);
  EXPECT_THAT(Call(referrals_, &Referrals::ListWorklist, {}, agent), denied);
  EXPECT_THAT(Call(referrals_, &Referrals::GetDisclosureStatement, {}, agent), denied);
  EXPECT_THAT(Call(referrals_, &Referrals::RecordPartnerAnswer, {}, agent), denied);
  EXPECT_THAT(Call(referrals_, &Referrals::DecideWorklistItem, {}, agent), denied);
  EXPECT_THAT(Call(desk_, &Desk::ListMyReferrals, {}, Coordinator()), denied);
  EXPECT_THAT(Call(desk_, &Desk::GetMyReferral, {}, Coordinator()), denied);
  EXPECT_THAT(Call(desk_, &Desk::AcceptReferral, {}, Coordinator()), denied);
  EXPECT_THAT(Call(desk_, &Desk::DeclineReferral, {}, Coordinator()), denied);
  EXPECT_THAT(Call(desk_, &Desk::StartReferral, {}, Coordinator()), denied);
  EXPECT_THAT(Call(desk_, &Desk::CloseReferral, {}, Coordinator()), denied);
  EXPECT_THAT(Call(desk_, &Desk::ListMyReferrals, {}, Identity{"partner", "agent-7", landlord_}),
              ReasonIs(common_pb::ERROR_REASON_UNAUTHENTICATED));
  EXPECT_THAT(Call(desk_, &Desk::ListMyReferrals, {}, agent), IsOk());
}

TEST_F(BadInputTest, RecordHouseholdObjection) {
  const auto record = &Referrals::RecordHouseholdObjection;
  EXPECT_THAT(Refused(referrals_, record, {}, CallTracking()),
              UnorderedElementsAre("request_id", "household_id", "version"));
  pb::RecordHouseholdObjectionRequest request;
  request.set_request_id(NewId());
  request.set_household_id("?");
  request.set_version(-1);
  request.add_tenant_ids("?");
  EXPECT_THAT(Refused(referrals_, record, request, CallTracking()),
              UnorderedElementsAre("household_id", "version", "tenant_ids[0]"));
  request.set_household_id(NewId());
  request.set_version(1);
  request.clear_tenant_ids();
  for (int i = 0; i < 51; ++i) request.add_tenant_ids(NewId());
  EXPECT_THAT(Refused(referrals_, record, request, CallTracking()),
              UnorderedElementsAre("tenant_ids"));
  request.mutable_tenant_ids()->DeleteSubrange(0, 1);
  EXPECT_THAT(Call(referrals_, record, request, CallTracking()), IsOk());

  pb::CreateReferralRequest creation = Creation();
  creation.set_household_version(-1);
  EXPECT_THAT(Refused(referrals_, &Referrals::CreateReferral, creation, CallTracking()),
              UnorderedElementsAre("household_version"));
}

}  // namespace
}  // namespace veille::referral
