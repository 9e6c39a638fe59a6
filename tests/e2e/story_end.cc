#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "e2e/story.h"
#include "testing/status_matchers.h"
#include "testing/wait_until.h"

namespace veille::e2e {
namespace {

namespace pb = ::veille::calls::v1;
namespace ref = ::veille::referral::v1;
namespace com = ::veille::common::v1;
using testing::IsOk;

// What the partner did, by the referral service and by the partner's own log.
void ExpectOneReferral(Story& story) {
  const auto listed = story.Referrals();
  ASSERT_THAT(listed, IsOk());
  ASSERT_EQ(listed->referrals_size(), 1);
  EXPECT_EQ(listed->referrals(0).referral_id(), story.referral_id);
  const auto fetched = story.Referral();
  ASSERT_THAT(fetched, IsOk());
  const ref::Referral& referral = fetched->referral();
  EXPECT_EQ(referral.finding_id(), story.finding().finding_id());
  EXPECT_EQ(referral.tenant_id(), story.subject().tenant_id());
  EXPECT_EQ(referral.state(), com::REFERRAL_STATE_COMPLETED);
  EXPECT_EQ(referral.outcome(), com::REFERRAL_OUTCOME_HELPED);
  ASSERT_EQ(referral.assignments_size(), 1);
  EXPECT_EQ(referral.assignments(0).partner_id(), story.partner_id);
  EXPECT_EQ(referral.assignments(0).state(), ref::ASSIGNMENT_STATE_COMPLETED);
  EXPECT_TRUE(referral.assignments(0).has_receive_time());
  EXPECT_TRUE(referral.assignments(0).has_accept_time());
  EXPECT_EQ(story.programme()
                .database(Service::kReferral)
                .Value(absl::StrCat(
                    "SELECT count(*) FROM referral_events WHERE landlord_id = '", story.landlord_id,
                    "' AND state = ", static_cast<int>(com::REFERRAL_STATE_ACCEPTED))),
            "1");
  const auto worklist = story.Worklist();
  ASSERT_THAT(worklist, IsOk());
  EXPECT_EQ(worklist->items_size(), 0);
}

void ExpectOutcomeWithTheCall(const Story& story) {
  const auto explained = story.Explain();
  ASSERT_THAT(explained, IsOk());
  EXPECT_EQ(explained->bucket(), pb::CALLABILITY_BUCKET_DONE);
  EXPECT_EQ(explained->state(), pb::HOUSEHOLD_STATE_DONE);
  EXPECT_EQ(explained->attempts(), 2);
  ASSERT_EQ(explained->findings_size(), 1);
  EXPECT_EQ(explained->findings(0).finding_id(), story.finding().finding_id());
  EXPECT_EQ(explained->findings(0).need(), com::NEED_MEALS);
  EXPECT_TRUE(explained->findings(0).shared());
  EXPECT_EQ(explained->findings(0).referral_state(), com::REFERRAL_STATE_COMPLETED);
  EXPECT_EQ(explained->findings(0).referral_outcome(), com::REFERRAL_OUTCOME_HELPED);
  EXPECT_EQ(explained->findings(0).verification(), pb::VERIFICATION_CAME);

  const auto outcomes = story.Outcomes();
  ASSERT_THAT(outcomes, IsOk());
  ASSERT_EQ(outcomes->cases_size(), 1);
  EXPECT_EQ(outcomes->cases(0).finding_id(), story.finding().finding_id());
  EXPECT_EQ(outcomes->cases(0).referral_outcome(), com::REFERRAL_OUTCOME_HELPED);
  EXPECT_EQ(outcomes->cases(0).verification(), pb::VERIFICATION_CAME);

  const auto report = story.Report();
  ASSERT_THAT(report, IsOk());
  EXPECT_EQ(report->selected(), 2);
  EXPECT_EQ(report->attempts(), 2);
  EXPECT_EQ(report->reached(), 1);
  EXPECT_EQ(report->completed(), 1);
  EXPECT_EQ(report->not_called(), 1);
  EXPECT_EQ(report->late_records(), 0);
  EXPECT_EQ(report->needs_found(), 1);
  EXPECT_EQ(report->needs_shared(), 1);
  ASSERT_EQ(report->referrals_size(), 1);
  EXPECT_EQ(report->referrals(0).state(), com::REFERRAL_STATE_COMPLETED);
  EXPECT_EQ(report->referrals(0).referrals(), 1);
}

}  // namespace

void ExpectTheOneEnd(Story& story) {
  ExpectOneReferral(story);
  ExpectOutcomeWithTheCall(story);
  // Nothing is on its way any more.
  for (const Service service : {Service::kCalls, Service::kReferral}) {
    EXPECT_TRUE(testing::WaitUntil([&] {
      return story.programme().database(service).Value(absl::StrCat(
                 "SELECT count(*) FROM outbox WHERE landlord_id = '", story.landlord_id, "'")) ==
             "0";
    })) << "in the outbox of "
        << NameOf(service);
  }
  EXPECT_EQ(story.inbox->Stop(), 0);
  EXPECT_GE(story.inbox->Count("received"), 1);
  EXPECT_EQ(story.inbox->Count("accepted"), 1);
  EXPECT_EQ(story.inbox->Count("closed"), 1);
  EXPECT_EQ(story.inbox->Count("gave-up"), 0);
  for (const InboxEvent& event : story.inbox->events()) {
    EXPECT_EQ(event.referral_id, story.referral_id) << event.event;
  }
}

}  // namespace veille::e2e
