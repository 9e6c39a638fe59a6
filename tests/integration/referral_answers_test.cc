// What partners without software answer by telephone, as a coordinator records it.

#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <thread>

#include "absl/strings/str_cat.h"
#include "integration/referral_fixture.h"

namespace veille::referral {
namespace {

using ::testing::AnyOf;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::IsOk;
using testing::ReasonIs;
using testing::WaitUntil;

using Referrals = pb::ReferralService::Stub;
using Change = std::function<void(pb::RecordPartnerAnswerRequest&)>;

const auto kIllegal = ReasonIs(common_pb::ERROR_REASON_ILLEGAL_TRANSITION);
const auto kSuperseded = ReasonIs(common_pb::ERROR_REASON_ASSIGNMENT_SUPERSEDED);
const auto kNotFound = ReasonIs(common_pb::ERROR_REASON_REFERRAL_NOT_FOUND);

class AnswersTest : public ReferralFixture {
 protected:
  using Answered = absl::StatusOr<pb::RecordPartnerAnswerResponse>;

  // In order, with all that the answer needs.
  pb::RecordPartnerAnswerRequest Report(const std::string& referral, pb::PartnerAnswerKind answer,
                                        int64_t fence = 1) {
    pb::RecordPartnerAnswerRequest request;
    request.set_request_id(NewId());
    request.set_referral_id(referral);
    request.set_assignment_fence(fence);
    request.set_answer(answer);
    if (answer != pb::PARTNER_ANSWER_KIND_NOT_REACHED) request.set_answered_by("Accueil, Mme B.");
    if (answer == pb::PARTNER_ANSWER_KIND_DECLINED) {
      request.set_decline_reason(common_pb::DECLINE_REASON_NO_CAPACITY);
      request.set_note("Complet jusqu'à lundi.");
    }
    if (answer == pb::PARTNER_ANSWER_KIND_CLOSED) {
      request.set_outcome(common_pb::REFERRAL_OUTCOME_HELPED);
      request.set_note("Repas livrés chaque midi.");
    }
    return request;
  }
  Answered Send(const pb::RecordPartnerAnswerRequest& request) {
    return Call(referrals_, &Referrals::RecordPartnerAnswer, request, Coordinator());
  }
  Answered Record(const std::string& referral, pb::PartnerAnswerKind answer, int64_t fence = 1) {
    return Send(Report(referral, answer, fence));
  }

  std::string History(const std::string& referral) {
    return Value(
        "SELECT string_agg(state || '/' || actor, ' ' ORDER BY version) "
        "FROM referral_events WHERE referral_id = '" +
        referral + "'");
  }

  // Covers MEALS and ADMIN in 31555; told by hand. First of the list, by name.
  const std::string by_hand_ = Register("Accueil");
};

TEST_F(AnswersTest, TheWorklistSaysAtOnceWhomToCallAndUntilWhen) {
  const std::string referral =
      CreateOne([](auto& request) { request.set_urgency(common_pb::URGENCY_PRIORITY); });
  const pb::WorklistItem item = ItemOf(referral, pb::WORKLIST_REASON_TELEPHONE_PARTNER);
  EXPECT_EQ(Worklist().size(), 1);
  EXPECT_EQ(item.telephone(), "+33561000000");
  EXPECT_EQ(item.telephone_role(), "");
  EXPECT_EQ(item.partner_id(), by_hand_);
  EXPECT_EQ(item.assignment_fence(), 1);
  EXPECT_EQ(item.need(), common_pb::NEED_MEALS);
  EXPECT_EQ(item.urgency(), common_pb::URGENCY_PRIORITY);
  EXPECT_EQ(item.acknowledge_deadline_time().seconds(),
            Read(referral).acknowledge_deadline_time().seconds());
  EXPECT_EQ(item.calls_not_reached(), 0);
  EXPECT_FALSE(item.has_last_not_reached_time());
}

TEST_F(AnswersTest, FromTheFirstCallToTheOutcomeByTelephone) {
  const std::string referral = CreateOne();
  clock_.Advance(absl::Minutes(40));
  pb::RecordPartnerAnswerRequest received = Report(referral, pb::PARTNER_ANSWER_KIND_RECEIVED);
  received.mutable_answer_time()->set_seconds(absl::ToUnixSeconds(clock_.Now()) - 600);
  received.set_note("Rappelle demain.");
  ASSERT_THAT(Send(received), IsOk());
  EXPECT_EQ(Read(referral).state(), common_pb::REFERRAL_STATE_RECEIVED);
  EXPECT_THAT(Worklist(), IsEmpty());
  ASSERT_THAT(Record(referral, pb::PARTNER_ANSWER_KIND_ACCEPTED), IsOk());
  ASSERT_THAT(Record(referral, pb::PARTNER_ANSWER_KIND_STARTED), IsOk());
  clock_.Advance(absl::Hours(30));
  const auto closed = Record(referral, pb::PARTNER_ANSWER_KIND_CLOSED);
  ASSERT_THAT(closed, IsOk());

  const pb::Referral& stands = closed->referral();
  pb::Referral without_words = Read(referral);
  without_words.clear_words();
  without_words.clear_basis();
  EXPECT_EQ(stands.SerializeAsString(), without_words.SerializeAsString());
  EXPECT_EQ(stands.state(), common_pb::REFERRAL_STATE_COMPLETED);
  EXPECT_EQ(stands.outcome(), common_pb::REFERRAL_OUTCOME_HELPED);
  const pb::Assignment& assignment = stands.assignments(0);
  EXPECT_EQ(assignment.state(), pb::ASSIGNMENT_STATE_COMPLETED);
  EXPECT_EQ(assignment.receive_time().seconds(), received.answer_time().seconds());
  EXPECT_EQ(assignment.accept_time().seconds(), received.answer_time().seconds() + 600);
  EXPECT_EQ(assignment.note(), "Repas livrés chaque midi.");
  ASSERT_EQ(assignment.answers_size(), 4);
  const pb::PartnerAnswer& first = assignment.answers(0);
  EXPECT_EQ(first.answer(), pb::PARTNER_ANSWER_KIND_RECEIVED);
  EXPECT_EQ(first.answered_by(), "Accueil, Mme B.");
  EXPECT_EQ(first.note(), "Rappelle demain.");
  EXPECT_EQ(first.recorded_by(), "co-1");
  EXPECT_EQ(first.answer_time().seconds(), received.answer_time().seconds());
  EXPECT_EQ(first.record_time().seconds(), first.answer_time().seconds() + 600);
  EXPECT_EQ(assignment.answers(3).answer(), pb::PARTNER_ANSWER_KIND_CLOSED);

  // On behalf of the partner, told to call-tracking each time, with a trace of each.
  EXPECT_EQ(History(referral), "1/2 2/5 3/5 4/5 5/5");
  EXPECT_EQ(Value("SELECT count(*) FROM outbox"), "5");
  EXPECT_EQ(Value("SELECT count(*) || ' ' || min(actor_role || ' ' || actor) FROM audit_events "
                  "WHERE method = 'RecordPartnerAnswer' AND object_id = '" +
                  referral + "'"),
            "4 coordinator co-1");
  EXPECT_EQ(Value("SELECT open_referrals FROM partner_loads"), "0");
  EXPECT_THAT(Worklist(), IsEmpty());
}

TEST_F(AnswersTest, CallTrackingHearsOfTheOutcome) {
  const std::string referral = CreateOne();
  ASSERT_THAT(Record(referral, pb::PARTNER_ANSWER_KIND_ACCEPTED), IsOk());
  ASSERT_THAT(Record(referral, pb::PARTNER_ANSWER_KIND_CLOSED), IsOk());
  StartRelay();
  ASSERT_TRUE(WaitUntil([this] { return intake_.updates().size() == 3; }));
  const auto updates = intake_.updates();
  const auto last = std::max_element(
      updates.begin(), updates.end(),
      [](const auto& one, const auto& other) { return one.version() < other.version(); });
  EXPECT_EQ(last->state(), common_pb::REFERRAL_STATE_COMPLETED);
  EXPECT_EQ(last->outcome(), common_pb::REFERRAL_OUTCOME_HELPED);
}

TEST_F(AnswersTest, AYesAnswersTheItemInTheNameOfTheCoordinator) {
  const std::string referral = CreateOne();
  ASSERT_THAT(Record(referral, pb::PARTNER_ANSWER_KIND_ACCEPTED), IsOk());
  EXPECT_EQ(Value("SELECT state || ' ' || decision || ' ' || decided_by FROM worklist_items"),
            "2 4 co-1");
  const auto listed = Worklist(/*include_decided=*/true);
  EXPECT_EQ(listed.at(0).telephone(), "");
  EXPECT_EQ(listed.at(0).assignment_fence(), 0);
}

TEST_F(AnswersTest, APartnerThatAnswersAtItsDeskNeedNotBeTelephoned) {
  const std::string accepted = CreateOne();
  const std::string declined = CreateOne();
  EXPECT_EQ(Worklist().size(), 2);
  ASSERT_THAT(Accept(by_hand_, accepted), IsOk());
  ASSERT_THAT(Decline(by_hand_, declined), IsOk());
  ASSERT_EQ(Worklist().size(), 1);
  EXPECT_EQ(Worklist()[0].reason(), pb::WORKLIST_REASON_DECLINED);
  EXPECT_EQ(Worklist()[0].telephone(), "");
}

TEST_F(AnswersTest, NotReachedStaysOnTheWorklistWithTheCallsMade) {
  const std::string referral = CreateOne();
  const std::string item =
      ItemOf(referral, pb::WORKLIST_REASON_TELEPHONE_PARTNER).worklist_item_id();
  const std::string deadline = Value("SELECT acknowledge_deadline FROM referrals");
  for (int call = 0; call < 2; ++call) {
    clock_.Advance(absl::Minutes(20));
    ASSERT_THAT(Record(referral, pb::PARTNER_ANSWER_KIND_NOT_REACHED), IsOk());
  }
  const pb::WorklistItem again = ItemOf(referral, pb::WORKLIST_REASON_TELEPHONE_PARTNER);
  EXPECT_EQ(again.worklist_item_id(), item);
  EXPECT_EQ(again.calls_not_reached(), 2);
  EXPECT_EQ(again.last_not_reached_time().seconds(), absl::ToUnixSeconds(clock_.Now()));
  const pb::Referral stands = Read(referral);
  EXPECT_EQ(stands.version(), 1);
  EXPECT_EQ(stands.assignments(0).answers_size(), 2);
  EXPECT_EQ(stands.assignments(0).answers(0).answered_by(), "");
  EXPECT_EQ(Value("SELECT acknowledge_deadline FROM referrals"), deadline);
  EXPECT_EQ(Value("SELECT count(*) FROM outbox"), "1");

  // Taken off the list, and tried once more: it is on the list again.
  ASSERT_THAT(Decide(item, pb::WORKLIST_DECISION_SEEN), IsOk());
  ASSERT_THAT(Record(referral, pb::PARTNER_ANSWER_KIND_NOT_REACHED), IsOk());
  EXPECT_EQ(ItemOf(referral, pb::WORKLIST_REASON_TELEPHONE_PARTNER).calls_not_reached(), 3);

  // Once somebody has accepted it, a call in vain is written down and asks for nothing.
  ASSERT_THAT(Record(referral, pb::PARTNER_ANSWER_KIND_ACCEPTED), IsOk());
  ASSERT_THAT(Record(referral, pb::PARTNER_ANSWER_KIND_NOT_REACHED), IsOk());
  EXPECT_THAT(Worklist(), IsEmpty());
}

TEST_F(AnswersTest, ANoGoesToTheNextPartnerWhichIsCalledInItsTurn) {
  pb::RegisterPartnerRequest next = Registration("Bénévoles");
  next.mutable_partner()->set_contact_phone("+33561000002");
  const auto registered =
      Call(directory_, &pb::PartnerDirectoryService::Stub::RegisterPartner, next, Coordinator());
  ASSERT_THAT(registered, IsOk());
  const std::string referral = CreateOne();
  ASSERT_THAT(Record(referral, pb::PARTNER_ANSWER_KIND_NOT_REACHED), IsOk());
  const auto declined = Record(referral, pb::PARTNER_ANSWER_KIND_DECLINED);
  ASSERT_THAT(declined, IsOk());
  const pb::Referral& stands = declined->referral();
  EXPECT_EQ(stands.state(), common_pb::REFERRAL_STATE_REQUESTED);
  ASSERT_EQ(stands.assignments_size(), 2);
  EXPECT_EQ(stands.assignments(0).state(), pb::ASSIGNMENT_STATE_DECLINED);
  EXPECT_EQ(stands.assignments(0).decline_reason(), common_pb::DECLINE_REASON_NO_CAPACITY);
  EXPECT_EQ(stands.assignments(0).note(), "Complet jusqu'à lundi.");
  EXPECT_EQ(stands.assignments(0).answers_size(), 2);
  EXPECT_EQ(stands.assignments(1).partner_id(), registered->partner().partner_id());
  EXPECT_EQ(stands.assignments(1).answers_size(), 0);
  EXPECT_EQ(History(referral), "1/2 6/5 1/2");
  const auto items = Worklist();
  ASSERT_EQ(items.size(), 1);
  EXPECT_EQ(items[0].reason(), pb::WORKLIST_REASON_TELEPHONE_PARTNER);
  EXPECT_EQ(items[0].telephone(), "+33561000002");
  EXPECT_EQ(items[0].assignment_fence(), 2);
  EXPECT_EQ(items[0].calls_not_reached(), 0);

  // Who has let go of it has nothing to say any more.
  for (const auto answer :
       {pb::PARTNER_ANSWER_KIND_ACCEPTED, pb::PARTNER_ANSWER_KIND_NOT_REACHED}) {
    EXPECT_THAT(Record(referral, answer, 1), kSuperseded);
  }
  ASSERT_THAT(Record(referral, pb::PARTNER_ANSWER_KIND_DECLINED, 2), IsOk());
  EXPECT_EQ(Read(referral).state(), common_pb::REFERRAL_STATE_REJECTED);
  ASSERT_EQ(Worklist().size(), 1);
  EXPECT_EQ(Worklist()[0].reason(), pb::WORKLIST_REASON_DECLINED);
  EXPECT_THAT(Record(referral, pb::PARTNER_ANSWER_KIND_DECLINED, 2), kIllegal);
  EXPECT_EQ(Value("SELECT sum(open_referrals) FROM partner_loads"), "0");
}

TEST_F(AnswersTest, ClosedWithoutHelpGoesToTheWorklist) {
  const std::string referral = CreateOne();
  ASSERT_THAT(Record(referral, pb::PARTNER_ANSWER_KIND_ACCEPTED), IsOk());
  pb::RecordPartnerAnswerRequest report = Report(referral, pb::PARTNER_ANSWER_KIND_CLOSED);
  report.set_outcome(common_pb::REFERRAL_OUTCOME_COULD_NOT_HELP);
  ASSERT_THAT(Send(report), IsOk());
  ItemOf(referral, pb::WORKLIST_REASON_NOT_HELPED);
}

// A machine that is away, or people who have not looked: they are telephoned too.
TEST_F(AnswersTest, APartnerWithAMachineMayAnswerByTelephone) {
  const std::string pushed = Register("0, before all", "127.0.0.1:7009");
  const std::string referral = CreateOne();
  EXPECT_EQ(Read(referral).assignments(0).partner_id(), pushed);
  ASSERT_THAT(Record(referral, pb::PARTNER_ANSWER_KIND_NOT_REACHED), IsOk());
  EXPECT_EQ(ItemOf(referral, pb::WORKLIST_REASON_TELEPHONE_PARTNER).telephone(), "+33561000000");
  ASSERT_THAT(Record(referral, pb::PARTNER_ANSWER_KIND_RECEIVED), IsOk());
  EXPECT_EQ(Value("SELECT state FROM deliveries"), "1");  // its machine is still to have it
  ASSERT_THAT(Record(referral, pb::PARTNER_ANSWER_KIND_ACCEPTED), IsOk());
  EXPECT_EQ(Value("SELECT state FROM deliveries"), "3");
  EXPECT_THAT(Worklist(), IsEmpty());
  EXPECT_THAT(Start(pushed, referral), IsOk());
}

// Every answer in every state: the same as the partner's own acts, and the receipt.
TEST_F(AnswersTest, AnswersMoveAlongTheTableOfTransitions) {
  using enum common_pb::ReferralState;
  constexpr std::array kAnswers = {pb::PARTNER_ANSWER_KIND_RECEIVED,
                                   pb::PARTNER_ANSWER_KIND_ACCEPTED,
                                   pb::PARTNER_ANSWER_KIND_DECLINED,
                                   pb::PARTNER_ANSWER_KIND_STARTED, pb::PARTNER_ANSWER_KIND_CLOSED};
  constexpr std::array kAfter = {REFERRAL_STATE_RECEIVED, REFERRAL_STATE_ACCEPTED,
                                 REFERRAL_STATE_REJECTED, REFERRAL_STATE_IN_PROGRESS,
                                 REFERRAL_STATE_COMPLETED};
  // What was answered before, and which of the five may come next.
  struct Way {
    std::vector<pb::PartnerAnswerKind> before;
    std::array<bool, 5> may;
  };
  const std::vector<Way> ways = {
      {{}, {true, true, true, false, false}},
      {{kAnswers[0]}, {false, true, true, false, false}},
      {{kAnswers[1]}, {false, false, false, true, true}},
      {{kAnswers[1], kAnswers[3]}, {false, false, false, false, true}},
      {{kAnswers[1], kAnswers[4]}, {false, false, false, false, false}},
      {{kAnswers[2]}, {false, false, false, false, false}},
  };
  for (const Way& way : ways) {
    for (size_t i = 0; i < kAnswers.size(); ++i) {
      SCOPED_TRACE(absl::StrCat(way.before.size(), " before, then ",
                                pb::PartnerAnswerKind_Name(kAnswers[i])));
      const std::string referral = CreateOne();
      for (const auto answer : way.before) ASSERT_THAT(Record(referral, answer), IsOk());
      const std::string before = Read(referral).SerializeAsString();
      const auto answered = Record(referral, kAnswers[i]);
      if (way.may[i]) {
        ASSERT_THAT(answered, IsOk());
        EXPECT_EQ(answered->referral().state(), kAfter[i]);
      } else {
        EXPECT_THAT(answered, kIllegal);
        EXPECT_EQ(Read(referral).SerializeAsString(), before);
      }
    }
  }
}

TEST_F(AnswersTest, AnAnswerToWhatHasEndedIsRefused) {
  const std::string closed = CreateOne();
  ASSERT_THAT(Accept(by_hand_, closed), IsOk());
  ASSERT_THAT(Close(by_hand_, closed), IsOk());
  EXPECT_THAT(Record(closed, pb::PARTNER_ANSWER_KIND_CLOSED), kIllegal);
  EXPECT_THAT(Record(closed, pb::PARTNER_ANSWER_KIND_NOT_REACHED), kIllegal);
  const std::string withdrawn = CreateOne();
  ASSERT_THAT(Decide(ItemOf(withdrawn, pb::WORKLIST_REASON_TELEPHONE_PARTNER).worklist_item_id(),
                     pb::WORKLIST_DECISION_CANCEL, "", "Partie chez sa fille."),
              IsOk());
  EXPECT_THAT(Record(withdrawn, pb::PARTNER_ANSWER_KIND_ACCEPTED), kSuperseded);
  EXPECT_EQ(Value("SELECT count(*) FROM partner_answers"), "0");
}

TEST_F(AnswersTest, AnAnswerAfterTheCaseWasGivenToAnotherIsSuperseded) {
  const std::string other = Register("Bénévoles", "127.0.0.1:7009");
  const std::string referral = CreateOne();
  const std::string item =
      ItemOf(referral, pb::WORKLIST_REASON_TELEPHONE_PARTNER).worklist_item_id();
  ASSERT_THAT(Decide(item, pb::WORKLIST_DECISION_ASSIGN, other), IsOk());
  EXPECT_THAT(Record(referral, pb::PARTNER_ANSWER_KIND_ACCEPTED), kSuperseded);
  EXPECT_THAT(Record(referral, pb::PARTNER_ANSWER_KIND_NOT_REACHED), kSuperseded);
  EXPECT_EQ(Read(referral).state(), common_pb::REFERRAL_STATE_REQUESTED);
  EXPECT_THAT(Worklist(), IsEmpty());
  EXPECT_THAT(Accept(other, referral, /*fence=*/2), IsOk());
}

TEST_F(AnswersTest, WhatWasNeverGivenIsNotThere) {
  const std::string referral = CreateOne();
  const pb::RecordPartnerAnswerRequest report = Report(referral, pb::PARTNER_ANSWER_KIND_ACCEPTED);
  EXPECT_THAT(
      Call(referrals_, &Referrals::RecordPartnerAnswer, report, OfOtherLandlord(Coordinator())),
      kNotFound);
  EXPECT_THAT(Record(NewId(), pb::PARTNER_ANSWER_KIND_ACCEPTED), kNotFound);
  EXPECT_THAT(Record(referral, pb::PARTNER_ANSWER_KIND_ACCEPTED, /*fence=*/2), kNotFound);
  const std::string uncovered = CreateOne([](auto& request) { request.set_commune_code("09122"); });
  EXPECT_THAT(Record(uncovered, pb::PARTNER_ANSWER_KIND_NOT_REACHED), kNotFound);
  EXPECT_THAT(Send(report), IsOk());
}

TEST_F(AnswersTest, TheSameRequestIdIsRecordedOnce) {
  const std::string referral = CreateOne();
  for (const auto answer :
       {pb::PARTNER_ANSWER_KIND_NOT_REACHED, pb::PARTNER_ANSWER_KIND_ACCEPTED}) {
    const pb::RecordPartnerAnswerRequest report = Report(referral, answer);
    const auto first = Send(report);
    clock_.Advance(absl::Minutes(1));
    const auto second = Send(report);
    ASSERT_THAT(second, IsOk());
    EXPECT_EQ(first->SerializeAsString(), second->SerializeAsString());
  }
  EXPECT_EQ(Value("SELECT count(*) FROM partner_answers"), "2");
  EXPECT_EQ(Read(referral).version(), 2);

  pb::RecordPartnerAnswerRequest report = Report(referral, pb::PARTNER_ANSWER_KIND_STARTED);
  ASSERT_THAT(Send(report), IsOk());
  report.set_referral_id(CreateOne());
  EXPECT_THAT(Send(report), ReasonIs(common_pb::ERROR_REASON_REQUEST_ID_REUSED));
}

TEST_F(AnswersTest, WhatIsSaidNowIsTakenWhateverTheClockOfTheAssignmentShowed) {
  const std::string referral = CreateOne();
  clock_.Advance(-absl::Hours(1));  // it was stepped back, or another service's goes ahead
  ASSERT_THAT(Record(referral, pb::PARTNER_ANSWER_KIND_ACCEPTED), IsOk());
  const pb::Assignment assignment = Read(referral).assignments(0);
  EXPECT_GE(absl::FromUnixSeconds(assignment.accept_time().seconds()),
            absl::FromUnixSeconds(assignment.assign_time().seconds()));
}

TEST_F(AnswersTest, OnlyATimeSinceTheAssignmentIsBelieved) {
  const std::string referral = CreateOne();
  clock_.Advance(absl::Hours(2));
  const int64_t now = absl::ToUnixSeconds(clock_.Now());
  const auto invalid = ReasonIs(common_pb::ERROR_REASON_INVALID_FIELDS);
  for (const int64_t said : {now + 3600, now - 2 * 3600 - 3600}) {
    pb::RecordPartnerAnswerRequest report = Report(referral, pb::PARTNER_ANSWER_KIND_ACCEPTED);
    report.mutable_answer_time()->set_seconds(said);
    EXPECT_THAT(Send(report), invalid);
  }
  EXPECT_EQ(Read(referral).version(), 1);
  pb::RecordPartnerAnswerRequest report = Report(referral, pb::PARTNER_ANSWER_KIND_ACCEPTED);
  report.mutable_answer_time()->set_seconds(now - 3600);
  ASSERT_THAT(Send(report), IsOk());
  EXPECT_EQ(Read(referral).assignments(0).accept_time().seconds(), now - 3600);
}

TEST_F(AnswersTest, OfManyCoordinatorsAtOnceExactlyOneIsRecorded) {
  const std::string referral = CreateOne();
  std::vector<absl::Status> answers(8);
  std::vector<std::thread> coordinators;
  for (absl::Status& answer : answers) {
    coordinators.emplace_back(
        [&] { answer = Record(referral, pb::PARTNER_ANSWER_KIND_ACCEPTED).status(); });
  }
  for (std::thread& coordinator : coordinators) coordinator.join();
  int recorded = 0;
  for (const absl::Status& answer : answers) {
    recorded += answer.ok() ? 1 : 0;
    if (!answer.ok()) {
      EXPECT_THAT(answer, kIllegal);
    }
  }
  EXPECT_EQ(recorded, 1);
  EXPECT_EQ(Read(referral).version(), 2);
  EXPECT_EQ(Value("SELECT count(*) FROM partner_answers"), "1");
}

// The partner says yes at its desk, a coordinator records its no, another gives it to somebody
// else: one of the three counts first, and the rest agrees with it.
TEST_F(AnswersTest, AnswersDecisionsAndTheDeskAtOnceNeverContradictEachOther) {
  const std::string other = Register("Bénévoles", "127.0.0.1:7009");
  for (int round = 0; round < 15; ++round) {
    const std::string referral = CreateOne();
    const std::string item =
        ItemOf(referral, pb::WORKLIST_REASON_TELEPHONE_PARTNER).worklist_item_id();
    absl::Status desk;
    absl::Status telephone;
    absl::Status decision;
    std::thread first([&] { desk = Accept(by_hand_, referral).status(); });
    std::thread second(
        [&] { telephone = Record(referral, pb::PARTNER_ANSWER_KIND_DECLINED).status(); });
    decision = Decide(item, pb::WORKLIST_DECISION_ASSIGN, other).status();
    first.join();
    second.join();
    const pb::Referral stands = Read(referral);
    EXPECT_FALSE(desk.ok() && telephone.ok());
    for (const absl::Status& partner : {desk, telephone}) {
      if (!partner.ok()) {
        EXPECT_THAT(partner, AnyOf(kIllegal, kSuperseded));
      }
    }
    EXPECT_TRUE(desk.ok() || telephone.ok() || decision.ok());
    const bool is_given_on = decision.ok() || telephone.ok();
    EXPECT_EQ(stands.assignments(stands.assignments_size() - 1).partner_id(),
              is_given_on ? other : by_hand_);
    EXPECT_EQ(Value("SELECT count(*) FROM partner_answers WHERE referral_id = '" + referral + "'"),
              telephone.ok() ? "1" : "0");
  }
  EXPECT_EQ(Value("SELECT sum(open_referrals) FROM partner_loads"), "15");
}

TEST_F(AnswersTest, WhoAnsweredIsSealedAndAbsentFromLists) {
  const std::string referral = CreateOne();
  ASSERT_THAT(Record(referral, pb::PARTNER_ANSWER_KIND_ACCEPTED), IsOk());
  const auto listed =
      Call(referrals_, &Referrals::ListReferrals, pb::ListReferralsRequest(), Coordinator());
  ASSERT_THAT(listed, IsOk());
  EXPECT_EQ(listed->referrals(0).assignments(0).answers_size(), 0);
  // What does not open is not shown, and hides nothing else.
  test_database_.Query("UPDATE partner_answers SET answered_by = '\\x07'");
  const pb::Referral read = Read(referral);
  EXPECT_EQ(read.assignments(0).answers(0).answer(), pb::PARTNER_ANSWER_KIND_ACCEPTED);
  EXPECT_EQ(read.assignments(0).answers(0).answered_by(), "");
  EXPECT_TRUE(read.unreadable());
}

}  // namespace
}  // namespace veille::referral
