// Each reason that the contract documents for an RPC of the referral service, where the test of its
// subject does not show it.

#include <gmock/gmock.h>

#include <set>
#include <thread>

#include "common/rpc/fields.h"
#include "integration/referral_fixture.h"
#include "referral/referral_server.h"

namespace veille::referral {
namespace {

using testing::IsOk;
using testing::ReasonIs;
using testing::WaitUntil;

using Directory = pb::PartnerDirectoryService::Stub;
using Referrals = pb::ReferralService::Stub;
using Desk = partner_pb::PartnerDeskService::Stub;

class ErrorsTest : public ReferralFixture {
 protected:
  // One mutation each, under a request id.
  struct Mutation {
    std::string name;
    std::function<absl::Status(const std::string& request_id)> call;
  };

  template <typename Request>
  Request ActOn(const std::string& referral, int64_t fence = 1) {
    Request request;
    request.set_referral_id(referral);
    request.set_assignment_fence(fence);
    return request;
  }
  template <typename Stub, typename Request, typename Response>
  Mutation Of(const std::unique_ptr<Stub>& stub,
              grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
              Request request, const Identity& identity) {
    return {Request::descriptor()->name(),
            [&stub, method, request, identity, this](const std::string& id) mutable {
              request.set_request_id(id);
              return Call(stub, method, request, identity).status();
            }};
  }

  // All of them, each on an object of its own, in an order in which each is legal.
  std::vector<Mutation> Mutations() {
    const Identity agent = PartnerOf(partner_);
    const std::string accepted = CreateOne();
    auto decline = ActOn<partner_pb::DeclineReferralRequest>(CreateOne());
    decline.set_reason(common_pb::DECLINE_REASON_NO_CAPACITY);
    auto close = ActOn<partner_pb::CloseReferralRequest>(accepted);
    close.set_outcome(common_pb::REFERRAL_OUTCOME_HELPED);
    pb::DecideWorklistItemRequest decide;
    decide.set_worklist_item_id(
        ItemOf(CreateOne([](auto& request) { request.set_commune_code("09122"); }),
               pb::WORKLIST_REASON_NO_PARTNER)
            .worklist_item_id());
    decide.set_decision(pb::WORKLIST_DECISION_RETRY);
    auto answer = ActOn<pb::RecordPartnerAnswerRequest>(CreateOne());
    answer.set_answer(pb::PARTNER_ANSWER_KIND_NOT_REACHED);
    pb::RotatePartnerKeyRequest rotate;
    rotate.set_partner_id(partner_);
    auto changes = PartnerChanges();
    pb::RecordHouseholdObjectionRequest objection;
    objection.set_household_id(NewId());
    objection.set_version(1);
    auto withdraw = pb::WithdrawReferralRequest();
    withdraw.set_referral_id(CreateOne());
    withdraw.set_note("is at her daughter's");
    auto reroute = pb::RerouteReferralRequest();
    reroute.set_referral_id(CreateOne());
    reroute.set_partner_id(partner_);
    auto redeliver = pb::RedeliverReferralRequest();
    redeliver.set_referral_id(CreateOne());
    std::vector<Mutation> mutations = {
        Of(directory_, &Directory::RegisterPartner, Registration("Voisins"), Coordinator()),
        Of(directory_, &Directory::RotatePartnerKey, rotate, Coordinator()),
        Of(referrals_, &Referrals::CreateReferral, Creation(), CallTracking()),
        Of(referrals_, &Referrals::RecordHouseholdObjection, objection, CallTracking()),
        Of(referrals_, &Referrals::RecordPartnerAnswer, answer, Coordinator()),
        Of(referrals_, &Referrals::DecideWorklistItem, decide, Coordinator()),
        Of(desk_, &Desk::DeclineReferral, decline, agent),
        Of(desk_, &Desk::AcceptReferral, ActOn<partner_pb::AcceptReferralRequest>(accepted), agent),
        Of(desk_, &Desk::StartReferral, ActOn<partner_pb::StartReferralRequest>(accepted), agent),
        Of(desk_, &Desk::CloseReferral, close, agent),
        Of(referrals_, &Referrals::WithdrawReferral, withdraw, Coordinator()),
        Of(referrals_, &Referrals::RerouteReferral, reroute, Coordinator()),
        Of(referrals_, &Referrals::RedeliverReferral, redeliver, Coordinator()),
    };
    std::move(changes.begin(), changes.end(), std::back_inserter(mutations));
    return mutations;
  }

  // Of the registration of one partner.
  std::vector<Mutation> PartnerChanges() {
    pb::UpdatePartnerRequest update;
    update.mutable_partner()->set_partner_id(partner_);
    update.mutable_partner()->set_name("CCAS de Pamiers");
    update.mutable_update_mask()->add_paths("name");
    pb::SetCapacityRequest capacity;
    capacity.set_partner_id(partner_);
    capacity.set_intake(pb::PARTNER_INTAKE_WAITLIST);
    pb::PausePartnerRequest pause;
    pause.set_partner_id(partner_);
    pb::ResumePartnerRequest resume;
    resume.set_partner_id(partner_);
    pb::TestPartnerRequest test;
    test.set_partner_id(partner_);
    pb::ReplayDeliveriesRequest replay;
    replay.set_partner_id(partner_);
    *replay.mutable_from_time() = rpc::ToProto(clock_.Now() - absl::Hours(1));
    return {Of(directory_, &Directory::UpdatePartner, update, Coordinator()),
            Of(directory_, &Directory::SetCapacity, capacity, Coordinator()),
            Of(directory_, &Directory::PausePartner, pause, Coordinator()),
            Of(directory_, &Directory::ResumePartner, resume, Coordinator()),
            Of(directory_, &Directory::TestPartner, test, Coordinator()),
            Of(directory_, &Directory::ReplayDeliveries, replay, Coordinator())};
  }

  const std::string partner_ = Register("CCAS", "127.0.0.1:7009");
};

TEST_F(ErrorsTest, ARequestIdStandsForOneMethodWhicheverItIs) {
  std::vector<Mutation> mutations = Mutations();
  // As many as the contract has.
  std::set<std::string> declared;
  for (const std::string& service : ServiceNames()) {
    const auto* descriptor =
        google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(service);
    for (int i = 0; i < descriptor->method_count(); ++i) {
      const auto* input = descriptor->method(i)->input_type();
      if (input->FindFieldByName("request_id") != nullptr) declared.insert(input->name());
    }
  }
  EXPECT_EQ(mutations.size(), declared.size());
  for (const Mutation& mutation : mutations) EXPECT_TRUE(declared.contains(mutation.name));

  std::vector<std::string> taken;
  for (Mutation& mutation : mutations) {
    SCOPED_TRACE(mutation.name);
    for (const std::string& id : taken) {
      EXPECT_THAT(mutation.call(id), ReasonIs(common_pb::ERROR_REASON_REQUEST_ID_REUSED));
    }
    taken.push_back(NewId());
    EXPECT_THAT(mutation.call(taken.back()), IsOk());
    EXPECT_THAT(mutation.call(taken.back()), IsOk());  // the same again
  }
}

TEST_F(ErrorsTest, ARequestIdStandsForOneObject) {
  const std::string first = CreateOne();
  const std::string second = CreateOne();
  const Identity agent = PartnerOf(partner_);
  const auto reused = ReasonIs(common_pb::ERROR_REASON_REQUEST_ID_REUSED);
  for (const std::string& referral : {first, second}) {
    ASSERT_THAT(Accept(partner_, referral), IsOk());
  }
  auto start = ActOn<partner_pb::StartReferralRequest>(first);
  start.set_request_id(NewId());
  ASSERT_THAT(Call(desk_, &Desk::StartReferral, start, agent), IsOk());
  start.set_referral_id(second);
  EXPECT_THAT(Call(desk_, &Desk::StartReferral, start, agent), reused);
  auto close = ActOn<partner_pb::CloseReferralRequest>(first);
  close.set_request_id(NewId());
  close.set_outcome(common_pb::REFERRAL_OUTCOME_HELPED);
  ASSERT_THAT(Call(desk_, &Desk::CloseReferral, close, agent), IsOk());
  close.set_referral_id(second);
  EXPECT_THAT(Call(desk_, &Desk::CloseReferral, close, agent), reused);
  auto decline = ActOn<partner_pb::DeclineReferralRequest>(CreateOne());
  decline.set_request_id(NewId());
  decline.set_reason(common_pb::DECLINE_REASON_NO_CAPACITY);
  ASSERT_THAT(Call(desk_, &Desk::DeclineReferral, decline, agent), IsOk());
  decline.set_referral_id(CreateOne());
  EXPECT_THAT(Call(desk_, &Desk::DeclineReferral, decline, agent), reused);
}

TEST_F(ErrorsTest, WhoHasDeclinedAndWasFollowedByAnotherIsSuperseded) {
  const std::string second = Register("Secours", "127.0.0.1:7009");
  const std::string referral = CreateOne();
  ASSERT_THAT(Decline(partner_, referral), IsOk());
  EXPECT_THAT(Decline(partner_, referral), ReasonIs(common_pb::ERROR_REASON_ASSIGNMENT_SUPERSEDED));
  EXPECT_THAT(Accept(second, referral, /*fence=*/2), IsOk());
}

// The referral that a finding would be merged into ends in the very moment in which it is found.
TEST_F(ErrorsTest, AReferralThatEndsMeanwhileIsAConflictThatPasses) {
  const pb::CreateReferralRequest first = Creation();
  const std::string twin = Create(first)->referral_id();
  pb::CreateReferralRequest second = first;
  second.set_request_id(NewId());
  second.set_finding_id(NewId());

  test_database_.Query("BEGIN");
  test_database_.Query("SELECT FROM referrals WHERE referral_id = '" + twin + "' FOR UPDATE");
  absl::Status refused;
  std::thread caller([&] { refused = Create(second).status(); });
  const bool waits = WaitUntil([&] {
    return Value(
               "SELECT count(*) FROM pg_locks WHERE NOT granted AND pid IN "
               "(SELECT pid FROM pg_stat_activity WHERE datname = current_database())") == "1";
  });
  test_database_.Query(
      "UPDATE referrals SET state = 7, open_fence = 0, acknowledge_deadline = NULL "
      "WHERE referral_id = '" +
      twin + "'");
  test_database_.Query("COMMIT");
  caller.join();
  ASSERT_TRUE(waits);
  EXPECT_THAT(refused, ReasonIs(common_pb::ERROR_REASON_CONFLICT));
  EXPECT_EQ(Value("SELECT count(*) FROM referrals"), "1");
  const auto repeated = Create(second);
  ASSERT_THAT(repeated, IsOk());
  EXPECT_NE(repeated->referral_id(), twin);
}

}  // namespace
}  // namespace veille::referral
