// Partners' machines beside the referral service that is killed or stands still, and beside each
// other.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/ids/uuid.h"
#include "e2e/command.h"
#include "e2e/inbox.h"
#include "e2e/programme.h"
#include "e2e/referrals.h"
#include "testing/status_matchers.h"
#include "testing/subprocess.h"
#include "testing/wait_until.h"
#include "veille/referral/v1/partner_directory_service.grpc.pb.h"
#include "veille/referral/v1/referral_service.grpc.pb.h"

namespace veille::e2e {
namespace {

namespace ref = ::veille::referral::v1;
namespace com = ::veille::common::v1;
using testing::IsOk;
using testing::WaitUntil;

std::string NewId() { return ids::Uuid::Random().ToString(); }

// How long what a dead process had claimed may take to go on after its restart: a claim holds 5 s,
// and is looked for every second. The rest is for a machine that is busy with other tests.
constexpr absl::Duration kTakeover = absl::Seconds(12);
// How long it takes at most until another replica pushes it.
constexpr absl::Duration kLongestTakeover = absl::Seconds(20);
// Until the third try of a push.
constexpr absl::Duration kLongestDelay = absl::Seconds(20);

using ::testing::HasSubstr;

class PartnerInboxTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { programme_ = std::make_unique<Programme>(); }
  static void TearDownTestSuite() { programme_.reset(); }

  void SetUp() override {
    if (!programme_->running(Service::kReferral)) programme_->Restart(Service::kReferral);
  }
  // A test that failed may have left it standing still.
  void TearDown() override { programme_->Signal(Service::kReferral, SIGCONT); }
  ~PartnerInboxTest() override { std::filesystem::remove(log_); }

  struct Partner {
    std::string id;
    std::string address;
  };
  Partner Register(const std::string& name, bool on_trial = false) {
    Partner partner{.id = {}, .address = absl::StrCat("127.0.0.1:", FreePort())};
    ref::RegisterPartnerRequest request;
    request.set_request_id(NewId());
    request.set_on_trial(on_trial);
    request.mutable_partner()->set_name(name);
    request.mutable_partner()->set_kind(ref::PARTNER_KIND_CCAS);
    request.mutable_partner()->set_endpoint(partner.address);
    ref::Coverage& coverage = *request.mutable_partner()->add_coverage();
    coverage.add_commune_codes("31555");
    coverage.add_needs(com::NEED_MEALS);
    const auto registered =
        coordinator_.Call(&ref::PartnerDirectoryService::Stub::RegisterPartner, request);
    EXPECT_THAT(registered, IsOk());
    partner.id = registered->partner().partner_id();
    return partner;
  }

  std::string CreateOne() {
    const auto created = CreateReferral(*programme_, landlord_, "31555");
    EXPECT_THAT(created, IsOk());
    return created.value_or("");
  }

  std::unique_ptr<Inbox> Start(const Partner& partner, std::vector<std::string> options) {
    return std::make_unique<Inbox>(*programme_, partner.address, landlord_, partner.id, options);
  }

  // How often a log tells `event`, by referral.
  std::map<std::string, int> Told(const std::string& event) const {
    std::map<std::string, int> told;
    for (const InboxEvent& line : ReadInboxLog(log_)) {
      if (line.event == event) ++told[line.referral_id];
    }
    return told;
  }

  std::string Value(const std::string& sql) {
    return programme_->database(Service::kReferral).Value(sql);
  }
  std::string Deliveries(const std::string& state) {
    return Value(absl::StrCat("SELECT count(*) FROM deliveries WHERE landlord_id = '", landlord_,
                              "' AND state = ", state));
  }
  // Of the only delivery: state, fence of the claim, tries.
  std::string Delivery() {
    return Value(absl::StrCat("SELECT concat_ws(' ', state, fence, tries) FROM deliveries ",
                              "WHERE landlord_id = '", landlord_, "'"));
  }
  std::string Acceptances() {
    return Value(absl::StrCat("SELECT count(*) FROM referral_events WHERE landlord_id = '",
                              landlord_, "' AND state = 3"));
  }

  static std::unique_ptr<Programme> programme_;
  const std::string landlord_ = NewId();
  const std::string log_ = absl::StrCat(::testing::TempDir(), "/inbox-", NewId(), ".log");
  const veillectl::Connection coordinator_ =
      programme_->Connect(Service::kReferral, {"coordinator", "ada", landlord_, ""});
};

std::unique_ptr<Programme> PartnerInboxTest::programme_;

TEST_F(PartnerInboxTest, AKillInTheMiddleLosesNoDeliveryAndAcceptsNothingTwice) {
  constexpr size_t kReferrals = 60;
  const Partner partner = Register("CCAS");
  std::set<std::string> created;
  while (created.size() < kReferrals) created.insert(CreateOne());
  const auto inbox = Start(partner, {"--accept", "--log", log_});
  ASSERT_TRUE(WaitUntil([&] { return Told("accepted").size() >= 5; }));
  EXPECT_LT(Told("closed").size(), kReferrals);
  programme_->Restart(Service::kReferral);
  EXPECT_TRUE(WaitUntil([&] { return Told("closed").size() == kReferrals; }, absl::Seconds(60)));

  for (const auto& [referral, times] : Told("accepted")) {
    EXPECT_TRUE(created.contains(referral));
    EXPECT_EQ(times, 1) << referral;
  }
  EXPECT_EQ(Told("accepted").size(), kReferrals);
  EXPECT_EQ(Told("received").size(), kReferrals);
  EXPECT_THAT(Told("gave-up"), ::testing::IsEmpty());
  EXPECT_EQ(Acceptances(), "60");
  EXPECT_TRUE(WaitUntil([&] { return Deliveries("3") == "60"; }));
  EXPECT_EQ(inbox->Stop(), 0);
}

// Which has a certificate of the same authority, and stands where the partner's own should.
TEST_F(PartnerInboxTest, NothingIsToldToAnotherPartnersMachine) {
  const Partner partner = Register("CCAS");
  const auto other = Start({.id = NewId(), .address = partner.address}, {"--receive-only"});
  CreateOne();
  ASSERT_TRUE(WaitUntil([&] {
    return Value(absl::StrCat("SELECT count(*) FROM deliveries WHERE landlord_id = '", landlord_,
                              "' AND state = 1 AND tries >= 1")) == "1";
  }));
  EXPECT_EQ(other->Stop(), 0);
  EXPECT_EQ(other->Count("received"), 0);
  const auto own = Start(partner, {"--receive-only"});
  EXPECT_TRUE(own->WaitFor("received"));
}

TEST_F(PartnerInboxTest, WhatADeadProcessWasPushingGoesOnSomeSecondsAfterItsRestart) {
  const Partner partner = Register("CCAS");
  const std::string referral = CreateOne();
  const auto silent = Start(partner, {"--silent"});
  ASSERT_TRUE(silent->WaitFor("held"));
  ASSERT_EQ(Deliveries("2"), "1");
  programme_->Kill(Service::kReferral);
  EXPECT_EQ(silent->Stop(), 0);
  const auto inbox = Start(partner, {"--receive-only"});
  programme_->Restart(Service::kReferral);
  const absl::Time restarted = absl::Now();
  EXPECT_TRUE(inbox->WaitFor("received", kTakeover));
  RecordProperty("seconds", absl::StrCat(absl::ToDoubleSeconds(absl::Now() - restarted)));
  EXPECT_TRUE(WaitUntil([&] { return Deliveries("3") == "1"; }));
}

// Half dead: its connections stay open, and later it goes on where it was, while another makes the
// push. Were its late end taken for that one's, the delivery would be due again.
TEST_F(PartnerInboxTest, AnotherReplicaPushesWhatOneThatStandsStillHolds) {
  const Partner partner = Register("CCAS");
  const auto silent = Start(partner, {"--silent"});
  const auto other = programme_->StartReplica(Service::kReferral);
  other->Kill(SIGSTOP);  // until the first one has claimed
  const std::string tenant = NewId();
  const auto referral =
      CreateReferral(*programme_, landlord_, "31555", com::URGENCY_ROUTINE, tenant);
  ASSERT_THAT(referral, IsOk());
  ASSERT_TRUE(silent->WaitFor("held"));
  programme_->Signal(Service::kReferral, SIGSTOP);
  const absl::Time stopped = absl::Now();
  ASSERT_EQ(Delivery(), "2 1 1");

  silent->Kill();
  const auto again = Start(partner, {"--silent"});
  other->Kill(SIGCONT);
  ASSERT_TRUE(again->WaitFor("held", stopped + kLongestTakeover - absl::Now()));
  RecordProperty("seconds", absl::StrCat(absl::ToDoubleSeconds(absl::Now() - stopped)));
  ASSERT_EQ(Delivery(), "2 2 2");
  programme_->Signal(Service::kReferral, SIGCONT);
  EXPECT_EQ(programme_->Stop(Service::kReferral), 0);  // by then the end of its push is written
  EXPECT_EQ(Delivery(), "2 2 2");

  again->Kill();
  const auto inbox = Start(partner, {"--receive-only", "--log", log_});
  ASSERT_TRUE(WaitUntil([&] { return Delivery() == "1 2 2"; }));
  programme_->MoveClocks(kLongestDelay);
  ASSERT_TRUE(inbox->WaitFor("received"));
  EXPECT_TRUE(WaitUntil([&] { return Delivery() == "3 3 3"; }));
  EXPECT_EQ(inbox->Stop(), 0);
  EXPECT_EQ(Told("received"), (std::map<std::string, int>{{*referral, 1}}));
  EXPECT_EQ(Value(absl::StrCat("SELECT count(*) FROM referral_events WHERE landlord_id = '",
                               landlord_, "' AND state = 2")),
            "1");

  // Told as often as it left, received once.
  programme_->Restart(Service::kReferral);
  ref::GetDisclosureStatementRequest request;
  request.set_tenant_id(tenant);
  const auto statement =
      programme_->Connect(Service::kReferral, {"coordinator", "ada", landlord_, ""})
          .WithReason("what partners were told")
          .Call(&ref::ReferralService::Stub::GetDisclosureStatement, request);
  ASSERT_THAT(statement, IsOk());
  ASSERT_EQ(statement->cases_size(), 1);
  EXPECT_EQ(statement->cases(0).referral_id(), *referral);
  ASSERT_EQ(statement->cases(0).disclosures_size(), 1);
  EXPECT_EQ(statement->cases(0).disclosures(0).times(), 3);
  EXPECT_TRUE(statement->cases(0).disclosures(0).has_receive_time());
}

TEST_F(PartnerInboxTest, AnInboxThatCrashesGoesOnWithItsLog) {
  const Partner partner = Register("CCAS");
  auto inbox = Start(partner, {"--accept-only", "--log", log_});
  for (int i = 0; i < 3; ++i) CreateOne();
  ASSERT_TRUE(WaitUntil([&] { return Told("accepted").size() == 3; }));
  inbox->Kill();

  // It died before it had told of the last acceptance.
  const auto accepted = Told("accepted");
  std::ifstream whole(log_);
  std::vector<std::string> lines;
  std::string lost;
  for (std::string line; std::getline(whole, line);) lines.push_back(line);
  for (size_t i = lines.size(); lost.empty() && i-- > 0;) {
    if (lines[i].find("accepted") == std::string::npos) continue;
    lost = lines[i];
    lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(i));
  }
  std::ofstream torn(log_, std::ios::trunc);
  for (const std::string& line : lines) torn << line << "\n";
  torn << lost.substr(0, lost.size() / 2);
  torn.close();

  inbox = Start(partner, {"--accept-only", "--log", log_});
  EXPECT_TRUE(inbox->WaitFor("accepted"));
  EXPECT_EQ(inbox->Stop(), 0);
  EXPECT_EQ(Told("accepted"), accepted);
  EXPECT_EQ(Acceptances(), "3");
  EXPECT_EQ(inbox->Count("gave-up"), 0);
}

TEST_F(PartnerInboxTest, WhatOneDeclinesAnotherAccepts) {
  const Partner first = Register("A");
  const Partner second = Register("B");
  const auto declines = Start(first, {"--decline", "no-capacity"});
  const auto accepts = Start(second, {"--accept-only"});
  const std::string referral = CreateOne();
  EXPECT_TRUE(declines->WaitFor("declined"));
  EXPECT_TRUE(accepts->WaitFor("accepted"));
  EXPECT_EQ(accepts->events().back(), (InboxEvent{"accepted", referral}));
  EXPECT_EQ(declines->Stop(), 0);
  EXPECT_EQ(declines->Count("accepted"), 0);
}

TEST_F(PartnerInboxTest, ASilentMachineTakesNothingAndEndsWhenTold) {
  const Partner partner = Register("CCAS");
  const auto silent = Start(partner, {"--silent", "--log", log_});
  CreateOne();
  EXPECT_TRUE(silent->WaitFor("held"));
  const absl::Time told = absl::Now();
  EXPECT_EQ(silent->Stop(), 0);
  EXPECT_LT(absl::Now() - told, absl::Seconds(10));
  EXPECT_EQ(silent->Count("received"), 0);
  EXPECT_EQ(Told("held").size(), 1);
}

TEST_F(PartnerInboxTest, ACaseWhoseNoticeWasMissedIsAskedFor) {
  const Partner partner = Register("CCAS");
  const std::string referral = CreateOne();
  {
    const auto received = Start(partner, {"--receive-only"});
    ASSERT_TRUE(received->WaitFor("received"));
    ASSERT_TRUE(WaitUntil([&] { return Deliveries("3") == "1"; }));
  }
  // No notice comes any more.
  const auto inbox = Start(partner, {"--accept", "--outcome", "could-not-help", "--log", log_});
  EXPECT_TRUE(inbox->WaitFor("closed"));
  EXPECT_EQ(inbox->Stop(), 0);
  EXPECT_EQ(ReadInboxLog(log_), (std::vector<InboxEvent>{{"received", referral},
                                                         {"accepted", referral},
                                                         {"started", referral},
                                                         {"closed", referral}}));
}

// With a programme of its own, whose clocks are moved by weeks.
class OverdueInboxTest : public PartnerInboxTest {};

TEST_F(OverdueInboxTest, WhatNobodyAcceptsInTimeIsToldAgainThenGoesToTheNextPartner) {
  const Partner first = Register("A");
  const Partner next = Register("B");
  const auto reads = Start(first, {"--receive-only"});
  const auto accepts = Start(next, {"--accept-only"});
  const std::string referral = CreateOne();
  ASSERT_TRUE(reads->WaitFor("received"));
  ASSERT_TRUE(WaitUntil([&] { return Deliveries("3") == "1"; }));
  programme_->MoveClocks(absl::Hours(14 * 24));
  ASSERT_TRUE(WaitUntil([&] {
    return Value("SELECT sum(overdue_step) FROM assignments") == "1" && Deliveries("3") == "1";
  }));
  programme_->MoveClocks(absl::Hours(14 * 24));
  EXPECT_TRUE(accepts->WaitFor("accepted"));
  EXPECT_EQ(accepts->events().back(), (InboxEvent{"accepted", referral}));
  EXPECT_EQ(Acceptances(), "1");
}

TEST_F(PartnerInboxTest, VerifyTellsThatTheCaseIsNeverFetched) {
  const Partner partner = Register("CCAS", /*on_trial=*/true);
  const auto inbox = Start(partner, {"--receive-only"});
  const Result verified =
      Veillectl(*programme_, landlord_, {"partner", "verify", partner.id, "--patience", "2"});
  EXPECT_EQ(verified.code, 1) << verified.output;
  EXPECT_THAT(verified.output, HasSubstr("OK  the service's notice arrives"));
  EXPECT_THAT(verified.output, HasSubstr("NO  the case is fetched with GetMyReferral"));
  EXPECT_THAT(verified.output, HasSubstr("NO  the partner is active"));
  const Result shown = Veillectl(*programme_, landlord_, {"partner", "show", partner.id});
  EXPECT_THAT(shown.output, HasSubstr("testing"));
  EXPECT_THAT(shown.output, HasSubstr(": received"));
  EXPECT_EQ(Value("SELECT count(*) FROM deliveries WHERE landlord_id = '" + landlord_ + "'"), "0");
}

TEST_F(PartnerInboxTest, VerifyTellsThatNobodyIsThere) {
  const Partner partner = Register("CCAS", /*on_trial=*/true);
  const Result verified = Veillectl(*programme_, landlord_, {"partner", "verify", partner.id});
  EXPECT_EQ(verified.code, 1) << verified.output;
  EXPECT_THAT(verified.output, HasSubstr("no answer (UNAVAILABLE): is it running"));
}

TEST_F(PartnerInboxTest, WhoIsOnTrialIsTestedAndThenGivenCases) {
  const Partner partner = Register("CCAS", /*on_trial=*/true);
  const auto inbox = Start(partner, {"--accept"});
  const Result begun = Veillectl(*programme_, landlord_, {"partner", "test", partner.id});
  EXPECT_EQ(begun.code, 0) << begun.output;
  ASSERT_TRUE(inbox->WaitFor("closed"));
  const std::string referral = CreateOne();
  ASSERT_TRUE(WaitUntil([&] {
    return Value("SELECT state FROM referrals WHERE referral_id = '" + referral + "'") == "5";
  }));
}

}  // namespace
}  // namespace veille::e2e
