// The demo on the whole sample register, and what may happen to it on the way.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <map>

#include "e2e/demo_run.h"

namespace veille::e2e {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

json Truth() {
  std::ifstream file(VEILLE_REGISTER_TRUTH);
  return json::parse(file);
}

// The programme's figures; they do not depend on what happens to the services.
void ExpectTheProgramme(const json& summary) {
  const json truth = Truth();
  ASSERT_TRUE(summary.is_object());
  for (const char* name :
       {"rows", "rows_refused", "refused", "dwellings", "households", "tenants"}) {
    EXPECT_EQ(summary[name], truth[name]) << name;
  }
  EXPECT_EQ(summary["households_selected"], truth["households_70_callable"]);
  EXPECT_EQ(summary["left_out"]["objection"], truth["households_70_objection"]);
  EXPECT_EQ(summary["left_out"]["no_valid_phone"], truth["households_70_no_valid_phone"]);
  EXPECT_EQ(summary["left_out"]["under_age"],
            truth["households"].get<int>() - truth["households_70"].get<int>());
  EXPECT_EQ(summary["households_reached"], truth["households_70_callable"]);
  EXPECT_NEAR(summary["calls"].get<int>(), 2700, 30);
  EXPECT_EQ(summary["referrals_created"], 18);
  EXPECT_EQ(summary["referrals_received"], 18);
  EXPECT_EQ(summary["referrals_accepted"], 18);
  EXPECT_EQ(summary["weekly_calls"], 68);
  EXPECT_EQ(summary["needs_decision"], 6);
  EXPECT_TRUE(summary["differences"].empty());
}

// One per channel; one is down at first, one declines a case, one gives a case up to another.
void ExpectThePartners(const json& summary) {
  std::map<std::string, json> by_channel;
  int accepted = 0;
  for (const json& partner : summary["partners"]) {
    by_channel[partner["channel"]] = partner;
    EXPECT_GT(partner["accepted"], 0) << partner;
    accepted += partner["accepted"].get<int>();
  }
  ASSERT_EQ(by_channel.size(), 3) << summary["partners"];
  EXPECT_EQ(accepted, summary["referrals_accepted"]);
  EXPECT_EQ(by_channel["grpc"]["waited"], by_channel["grpc"]["accepted"]);
  EXPECT_EQ(by_channel["grpc"]["taken_back"], 1);
  EXPECT_EQ(by_channel["by hand"]["declined"], 1);
  EXPECT_EQ(by_channel["by hand"]["given"], by_channel["by hand"]["accepted"].get<int>() + 1);
}

TEST(DemoSampleTest, TheProgrammesFiguresAppear) {
  DemoRun demo({});
  EXPECT_EQ(demo.Wait(), 0) << demo.output();
  ExpectTheProgramme(demo.Summary());
  ExpectThePartners(demo.Summary());
  EXPECT_THAT(demo.output(), HasSubstr("OK  the partner is active"));
#if !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer)
  EXPECT_LT(demo.Summary()["seconds"], 60);
  for (const Service service : kServices) {
    EXPECT_LT(demo.Summary()["peak_resident_megabytes"][NameOf(service)], 100) << NameOf(service);
  }
#endif
}

TEST(DemoSampleTest, EachServiceMayBeKilledOnTheWay) {
  DemoRun demo({});
  ASSERT_TRUE(demo.WaitForText("The volunteers call")) << demo.output();
  for (const Service service : {Service::kCalls, Service::kReferral, Service::kRegistry}) {
    ASSERT_TRUE(demo.WaitForText(" calls (")) << demo.output();
    demo.Kill(service);
  }
  EXPECT_EQ(demo.Wait(), 0) << demo.output();
  ExpectTheProgramme(demo.Summary());
  for (const Service service : kServices) {
    EXPECT_THAT(demo.output(),
                HasSubstr(NameOf(service) + " was killed by signal 9: started again"));
  }
}

TEST(DemoSampleTest, AServiceMayBeKilledDuringTheImport) {
  DemoRun demo({"--seed", "7"});
  ASSERT_TRUE(demo.WaitForText("A landlord imports its register")) << demo.output();
  demo.Kill(Service::kRegistry);
  EXPECT_EQ(demo.Wait(), 0) << demo.output();
  EXPECT_EQ(demo.Summary()["households"], Truth()["households"]);
  EXPECT_EQ(demo.Summary()["households_selected"], Truth()["households_70_callable"]);
}

TEST(DemoSampleTest, AnotherRegisterWhereManyDoNotPickUp) {
  const std::string path = ::testing::TempDir() + "/demo-other-register.csv";
  WriteRegister(path, 6000, 50'000);
  DemoRun demo({"--register", path, "--answer-rate", "0.6", "--seed", "99"});
  EXPECT_EQ(demo.Wait(), 0) << demo.output();
  const json summary = demo.Summary();
  ASSERT_TRUE(summary.is_object()) << demo.output();
  EXPECT_EQ(summary["households_selected"], 5280);
  EXPECT_GT(summary["households_not_reached"], 10);
  EXPECT_THAT(demo.output(), HasSubstr("not reached"));
  EXPECT_GT(summary["referrals_accepted"], 20);
  std::remove(path.c_str());
}

TEST(DemoSampleTest, ABrokenPartnerIsToldOf) {
  DemoRun demo({"--broken-partner"});
  EXPECT_EQ(demo.Wait(), 1) << demo.output();
  EXPECT_THAT(demo.output(), HasSubstr("waits for the machine of Voisins solidaires to take it"));
  const json summary = demo.Summary();
  ASSERT_TRUE(summary.is_object()) << demo.output();
  EXPECT_LT(summary["referrals_accepted"], 18);
  EXPECT_EQ(summary["differences"].size(), 18 - summary["referrals_accepted"].get<size_t>());
}

}  // namespace
}  // namespace veille::e2e
