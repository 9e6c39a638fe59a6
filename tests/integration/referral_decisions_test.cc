// Every decision about every worklist item, in every state of its referral: afterwards no referral
// that is open has neither a partner nor a place on the worklist.

#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <thread>

#include "absl/strings/str_cat.h"
#include "common/async/sync_wait.h"
#include "integration/referral_fixture.h"
#include "referral/store/worklist_store.h"

namespace veille::referral {
namespace {

using ::testing::HasSubstr;
using testing::IsOk;
using testing::ReasonIs;

constexpr std::array kDecisions = {pb::WORKLIST_DECISION_ASSIGN, pb::WORKLIST_DECISION_RETRY,
                                   pb::WORKLIST_DECISION_CANCEL, pb::WORKLIST_DECISION_SEEN};
constexpr std::array kReasons = {
    WorklistReason::kEmergency,        WorklistReason::kNoPartner,
    WorklistReason::kDeclined,         WorklistReason::kNotAcknowledged,
    WorklistReason::kNotDelivered,     WorklistReason::kNotHelped,
    WorklistReason::kTelephonePartner, WorklistReason::kWithdrawalNotTold};

class DecisionsTest : public ReferralFixture {
 protected:
  // Each covers a commune of its own: no other partner can take its cases, unless `Spare` is
  // called.
  std::string RegisterIn(const std::string& name, const std::string& commune,
                         const std::string& endpoint) {
    pb::RegisterPartnerRequest request = Registration(name);
    request.mutable_partner()->mutable_coverage(0)->set_commune_codes(0, commune);
    request.mutable_partner()->set_endpoint(endpoint);
    const auto registered = Call(directory_, &pb::PartnerDirectoryService::Stub::RegisterPartner,
                                 request, Coordinator());
    EXPECT_THAT(registered, IsOk());
    return registered->partner().partner_id();
  }
  std::string CreateIn(const std::string& commune) {
    return CreateOne([&](auto& request) { request.set_commune_code(commune); });
  }

  template <typename Body>
  void InTransaction(Body body) {
    EXPECT_THAT(async::SyncWait(database_->Write(
                    db::Within(absl::Seconds(5), {*ids::LandlordId::Parse(landlord_)}),
                    [&](db::WriteTx& tx) -> absl::Status {
                      body(tx);
                      return absl::OkStatus();
                    })),
                IsOk());
  }

  // What the engine would do with the push of a referral.
  void Push(const std::string& referral, Push::Result result) {
    InTransaction([&](db::WriteTx& tx) {
      DeliveryQueue queue(tx, seal_);
      for (const Claim& claim :
           queue.ClaimDue({.most = 1000, .most_per_partner = 1000, .hold = absl::Seconds(5)})) {
        const bool is_it = claim.partner_case.id.ToString() == referral;
        queue.End({{.landlord = claim.landlord,
                    .delivery = claim.delivery,
                    .fence = claim.fence,
                    .referral = claim.partner_case.id,
                    .result = is_it ? result : Push::Result::kRetry,
                    .delay = absl::Hours(1),
                    .receipt_number = {}}},
                  clock_.Now());
      }
    });
  }

  // Puts an item on the worklist, as the service does, and gives its id.
  std::string Put(const std::string& referral, WorklistReason reason) {
    InTransaction([&](db::WriteTx& tx) {
      WorklistStore(tx, seal_, *ids::LandlordId::Parse(landlord_))
          .Put(*ids::ReferralId::Parse(referral), reason, clock_.Now());
    });
    return Value(absl::StrCat("SELECT item_id FROM worklist_items WHERE state = 1 AND reason = ",
                              static_cast<int>(reason), " AND referral_id = '", referral, "'"));
  }

  // An item about a partner that was not told something points to no case.
  std::string Lost() {
    return Value(
        "SELECT count(*) FROM referrals AS r WHERE state NOT IN (5, 7) AND open_fence = 0 "
        "AND NOT EXISTS (SELECT FROM worklist_items AS i WHERE i.landlord_id = r.landlord_id "
        "AND i.referral_id = r.referral_id AND i.state = 1 AND i.reason <> 8)");
  }

  // A referral in each state, as it comes to be so.
  struct Standing {
    std::string name;
    std::function<std::string()> make;
    common_pb::ReferralState state;
    bool has_partner = false;
  };
  std::vector<Standing> Standings() {
    using enum common_pb::ReferralState;
    const auto accepted = [this] {
      const std::string referral = CreateIn(kPushed);
      EXPECT_THAT(Accept(pushed_, referral), IsOk());
      return referral;
    };
    return {
        {"uncovered", [this] { return CreateIn("09122"); }, REFERRAL_STATE_REQUESTED},
        {"requested", [this] { return CreateIn(kPushed); }, REFERRAL_STATE_REQUESTED, true},
        {"told by hand", [this] { return CreateIn(kByHand); }, REFERRAL_STATE_REQUESTED, true},
        {"parked",
         [this] {
           const std::string referral = CreateIn(kPushed);
           Push(referral, Push::Result::kPark);
           return referral;
         },
         REFERRAL_STATE_REQUESTED, true},
        {"received",
         [this] {
           const std::string referral = CreateIn(kPushed);
           Push(referral, Push::Result::kReceived);
           return referral;
         },
         REFERRAL_STATE_RECEIVED, true},
        {"accepted", accepted, REFERRAL_STATE_ACCEPTED, true},
        {"in progress",
         [this, accepted] {
           const std::string referral = accepted();
           EXPECT_THAT(Start(pushed_, referral), IsOk());
           return referral;
         },
         REFERRAL_STATE_IN_PROGRESS, true},
        {"completed",
         [this, accepted] {
           const std::string referral = accepted();
           EXPECT_THAT(Close(pushed_, referral), IsOk());
           return referral;
         },
         REFERRAL_STATE_COMPLETED},
        {"rejected",
         [this] {
           const std::string referral = CreateIn(kPushed);
           EXPECT_THAT(Decline(pushed_, referral), IsOk());
           return referral;
         },
         REFERRAL_STATE_REJECTED},
        {"failed",
         [this] {
           const std::string referral = CreateIn("09122");
           Value("UPDATE referrals SET state = 8, version = version + 1 WHERE referral_id = '" +
                 referral + "' RETURNING state");
           return referral;
         },
         REFERRAL_STATE_FAILED},
        {"cancelled",
         [this] {
           const std::string referral = CreateIn("09122");
           EXPECT_THAT(Decide(Put(referral, WorklistReason::kNoPartner),
                              pb::WORKLIST_DECISION_CANCEL, "", "Doublon."),
                       IsOk());
           return referral;
         },
         REFERRAL_STATE_CANCELLED},
    };
  }

  // The rules, written down a second time.
  static bool MayBe(pb::WorklistDecision decision, WorklistReason reason, const Standing& standing,
                    bool other_item) {
    using enum common_pb::ReferralState;
    if (reason == WorklistReason::kWithdrawalNotTold) {
      return decision == pb::WORKLIST_DECISION_SEEN;
    }
    const auto state = standing.state;
    const bool ended = state == REFERRAL_STATE_COMPLETED || state == REFERRAL_STATE_CANCELLED;
    const bool at_work = state == REFERRAL_STATE_ACCEPTED || state == REFERRAL_STATE_IN_PROGRESS;
    if (decision == pb::WORKLIST_DECISION_SEEN) return ended || standing.has_partner || other_item;
    if (decision == pb::WORKLIST_DECISION_RETRY) return !ended && !at_work;
    return !ended;
  }

  void TryAll() {
    const std::string elsewhere = RegisterIn("Elsewhere " + NewId(), "33063", "127.0.0.1:7009");
    for (const Standing& standing : Standings()) {
      for (const WorklistReason reason : kReasons) {
        for (const pb::WorklistDecision decision : kDecisions) {
          SCOPED_TRACE(absl::StrCat(standing.name, ", reason ", static_cast<int>(reason), ", ",
                                    pb::WorklistDecision_Name(decision)));
          const std::string referral = standing.make();
          const std::string item = Put(referral, reason);
          const bool other_item =
              Value(
                  "SELECT count(*) FROM worklist_items WHERE state = 1 AND reason <> 8 "
                  "AND item_id <> '" +
                  item + "' AND referral_id = '" + referral + "'") != "0";
          const bool is_assign = decision == pb::WORKLIST_DECISION_ASSIGN;
          const auto decided = Decide(item, decision, is_assign ? elsewhere : "", "Une raison.");
          if (MayBe(decision, reason, standing, other_item)) {
            EXPECT_THAT(decided, IsOk());
          } else {
            EXPECT_THAT(decided, ReasonIs(decision == pb::WORKLIST_DECISION_SEEN
                                              ? common_pb::ERROR_REASON_REFERRAL_UNASSIGNED
                                              : common_pb::ERROR_REASON_ILLEGAL_TRANSITION));
          }
          ASSERT_EQ(Lost(), "0");
        }
      }
    }
  }

  static constexpr char kPushed[] = "31555";
  static constexpr char kByHand[] = "31582";
  const std::string pushed_ = RegisterIn("A", kPushed, "127.0.0.1:7009");
  const std::string by_hand_ = RegisterIn("B", kByHand, "");
};

TEST_F(DecisionsTest, NoOpenReferralIsForgottenWhenNobodyElseCovers) { TryAll(); }

TEST_F(DecisionsTest, NoOpenReferralIsForgottenWhenAnotherPartnerCovers) {
  RegisterIn("Y", kPushed, "127.0.0.1:7009");
  RegisterIn("Z", kByHand, "");
  // Declined, it goes to Y; that is another standing than "rejected".
  const std::string referral = CreateIn(kPushed);
  ASSERT_THAT(Decline(pushed_, referral), IsOk());
  ASSERT_EQ(Read(referral).state(), common_pb::REFERRAL_STATE_REQUESTED);
  for (const std::string& commune : {kPushed, kByHand}) {
    for (const WorklistReason reason : kReasons) {
      for (const pb::WorklistDecision decision :
           {pb::WORKLIST_DECISION_RETRY, pb::WORKLIST_DECISION_SEEN}) {
        EXPECT_EQ(
            Decide(Put(CreateIn(commune), reason), decision).ok(),
            decision == pb::WORKLIST_DECISION_SEEN || reason != WorklistReason::kWithdrawalNotTold);
        ASSERT_EQ(Lost(), "0");
      }
    }
  }
}

TEST_F(DecisionsTest, SeenIsRefusedWhereItWouldForgetTheCaseAndSaysTheWayOut) {
  const std::string referral = CreateIn("09122");
  const std::string item = ItemOf(referral, pb::WORKLIST_REASON_NO_PARTNER).worklist_item_id();
  const auto refused = Decide(item, pb::WORKLIST_DECISION_SEEN);
  EXPECT_THAT(refused, ReasonIs(common_pb::ERROR_REASON_REFERRAL_UNASSIGNED));
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr("assign it"));
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr("cancel it"));
  ItemOf(referral, pb::WORKLIST_REASON_NO_PARTNER);  // still there
  EXPECT_THAT(Decide(item, pb::WORKLIST_DECISION_CANCEL, "", "Partie chez sa fille."), IsOk());
}

TEST_F(DecisionsTest, OfTwoItemsOfAnUnassignedReferralOneMayBeSeenEvenAtOnce) {
  for (int round = 0; round < 10; ++round) {
    const std::string referral = CreateOne([](auto& request) {
      request.set_commune_code("09122");
      request.set_urgency(common_pb::URGENCY_EMERGENCY);
    });
    const std::array items = {Put(referral, WorklistReason::kEmergency),
                              Put(referral, WorklistReason::kNoPartner)};
    std::array<absl::Status, 2> answers;
    std::vector<std::thread> coordinators;
    for (size_t i = 0; i < items.size(); ++i) {
      coordinators.emplace_back(
          [&, i] { answers[i] = Decide(items[i], pb::WORKLIST_DECISION_SEEN).status(); });
    }
    for (std::thread& coordinator : coordinators) coordinator.join();
    EXPECT_EQ(std::count_if(answers.begin(), answers.end(), [](const auto& s) { return s.ok(); }),
              1);
    ASSERT_EQ(Lost(), "0");
  }
}

TEST_F(DecisionsTest, RetryNeverTakesACaseFromWhoHasAcceptedIt) {
  RegisterIn("Y", kPushed, "127.0.0.1:7009");
  const std::string referral = CreateIn(kPushed);
  ASSERT_THAT(Accept(pushed_, referral), IsOk());
  const std::string item = Put(referral, WorklistReason::kEmergency);
  EXPECT_THAT(Decide(item, pb::WORKLIST_DECISION_RETRY),
              ReasonIs(common_pb::ERROR_REASON_ILLEGAL_TRANSITION));
  EXPECT_THAT(Start(pushed_, referral), IsOk());
}

TEST_F(DecisionsTest, RetryOfWhatWasReceivedLeavesTheItemWhereItWas) {
  const std::string referral = CreateIn(kPushed);
  Push(referral, Push::Result::kReceived);
  const std::string item = Put(referral, WorklistReason::kNotAcknowledged);
  ASSERT_THAT(Decide(item, pb::WORKLIST_DECISION_RETRY), IsOk());
  const auto open = Worklist();
  ASSERT_EQ(open.size(), 1);
  EXPECT_EQ(open[0].reason(), pb::WORKLIST_REASON_NOT_ACKNOWLEDGED);
}

}  // namespace
}  // namespace veille::referral
