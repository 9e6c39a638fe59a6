// WatchCampaign: the report at the start and on change, until the campaign is over, the watcher
// goes, or the server drains.

#include <thread>

#include "integration/call_tracking_fixture.h"

namespace veille::call_tracking {
namespace {

using ::testing::ElementsAre;
using ::veille::testing::IsOk;
using ::veille::testing::ReasonIs;

class WatchTest : public CallTrackingFixture {
 protected:
  // One watch, read report by report.
  class Watch {
   public:
    Watch(pb::CampaignService::Stub& stub, const std::string& campaign, const Identity& identity) {
      Identify(context_, identity);
      pb::WatchCampaignRequest request;
      request.set_campaign_id(campaign);
      reader_ = stub.WatchCampaign(&context_, request);
    }
    // Absent when the watch has ended.
    std::optional<pb::CampaignReport> Next() {
      pb::WatchCampaignResponse response;
      if (!reader_->Read(&response)) return std::nullopt;
      return response.report();
    }
    absl::Status Finish() { return rpc::FromGrpc(reader_->Finish()); }
    void Cancel() { context_.TryCancel(); }

   private:
    grpc::ClientContext context_;
    std::unique_ptr<grpc::ClientReader<pb::WatchCampaignResponse>> reader_;
  };

  Watch Start(const std::string& campaign, const Identity& identity) {
    return Watch(*campaigns_, campaign, identity);
  }
  void CallNext(const std::string& campaign) {
    const auto lease = Lease(campaign);
    ASSERT_THAT(lease, IsOk());
    ASSERT_THAT(Send(Record(lease->call_sheet())), IsOk());
  }
};

TEST_F(WatchTest, TellsAtTheStartAndOnChange) {
  registry_.Add();
  registry_.Add();
  const std::string campaign = RunCampaign();
  Enrol();
  Watch watch = Start(campaign, Coordinator());
  const auto first = watch.Next();
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(first->campaign_id(), campaign);
  EXPECT_EQ(first->selected(), 2);
  EXPECT_EQ(first->attempts(), 0);

  const absl::Time before = absl::Now();
  CallNext(campaign);
  CallNext(campaign);
  auto next = watch.Next();
  ASSERT_TRUE(next.has_value());
  if (next->attempts() == 1) next = watch.Next();  // it looked between the two
  EXPECT_EQ(next->attempts(), 2);
  EXPECT_EQ(next->SerializeAsString().size(), Report(campaign).SerializeAsString().size());
  EXPECT_LT(absl::Now() - before, absl::Seconds(15));
  watch.Cancel();
  EXPECT_FALSE(watch.Next().has_value());
}

TEST_F(WatchTest, EndsWhenTheCampaignIsOver) {
  registry_.Add();
  const std::string campaign = RunCampaign();
  Watch watch = Start(campaign, {"dpo", "dpo-1", landlord_});
  ASSERT_TRUE(watch.Next().has_value());
  clock_.Advance(absl::Hours(24 * 57));
  EXPECT_FALSE(watch.Next().has_value());  // what has not changed is not sent again
  EXPECT_THAT(watch.Finish(), IsOk());

  Watch late = Start(campaign, Coordinator());
  EXPECT_TRUE(late.Next().has_value());  // once, whatever the time
  EXPECT_FALSE(late.Next().has_value());
  EXPECT_THAT(late.Finish(), IsOk());
}

TEST_F(WatchTest, EndsAtOnceWhenTheServerDrains) {
  registry_.Add();
  const std::string campaign = RunCampaign();
  Watch watch = Start(campaign, Coordinator());
  ASSERT_TRUE(watch.Next().has_value());
  const absl::Time before = absl::Now();
  std::thread drain([this] { Drain(); });
  EXPECT_FALSE(watch.Next().has_value());
  EXPECT_THAT(watch.Finish(), ReasonIs(common_pb::ERROR_REASON_DRAINING));
  drain.join();
  EXPECT_LT(absl::Now() - before, absl::Seconds(4));  // not its timeout, after which calls are cut
}

TEST_F(WatchTest, ADrawingIsWatchedToo) {
  for (int i = 0; i < 6; ++i) registry_.Add();
  registry_.SetPageSize(2);
  registry_.CutAfter(1);
  const std::string campaign = CreateCampaign();
  Watch watch = Start(campaign, Coordinator());
  EXPECT_EQ(watch.Next()->state(), pb::CAMPAIGN_STATE_DRAFT);
  EXPECT_THAT(Open(campaign), ReasonIs(common_pb::ERROR_REASON_REGISTRY_UNAVAILABLE));
  const auto opening = watch.Next();
  ASSERT_TRUE(opening.has_value());
  EXPECT_EQ(opening->state(), pb::CAMPAIGN_STATE_OPENING);
  EXPECT_EQ(opening->drawn(), 2);
  watch.Cancel();
}

TEST_F(WatchTest, RefusesWhatItCannotWatch) {
  registry_.Add();
  const std::string campaign = RunCampaign();
  const auto refused = [this](const std::string& id, const Identity& identity) {
    Watch watch = Start(id, identity);
    EXPECT_FALSE(watch.Next().has_value());
    return watch.Finish();
  };
  const auto not_found = ReasonIs(common_pb::ERROR_REASON_CAMPAIGN_NOT_FOUND);
  EXPECT_THAT(refused(NewId(), Coordinator()), not_found);
  EXPECT_THAT(refused(campaign, OfOtherLandlord(Coordinator())), not_found);
  EXPECT_THAT(refused(campaign, Volunteer()), ReasonIs(common_pb::ERROR_REASON_ACCESS_DENIED));
  EXPECT_THAT(FieldsOf(refused("?", Coordinator())), ElementsAre("campaign_id"));
}

}  // namespace
}  // namespace veille::call_tracking
