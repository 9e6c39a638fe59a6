// What is somebody else's and what is not there are answered alike: in the same words, by the same
// details, and as fast.

#include <gtest/gtest.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "e2e/neighbours_test.h"

namespace veille::e2e {
namespace {

constexpr size_t kPairs = 2000;

absl::Duration MedianOf(std::vector<absl::Duration> took) {
  const auto middle = took.begin() + static_cast<std::ptrdiff_t>(took.size() / 2);
  std::nth_element(took.begin(), middle, took.end());
  return *middle;
}

class NotFoundTimingTest : public NeighboursTest {
 protected:
  // Looks at what is another's and at what is nobody's, one after the other, now one first and now
  // the other. `draw` gives the look of one turn.
  template <typename Draw>
  void ExpectAlike(const std::string& method, const Draw& draw) {
    std::vector<CallToMake> calls;
    for (size_t i = 0; i < kPairs; ++i) {
      const Look look = draw(i);
      calls.push_back(i % 2 == 0 ? ToCall(look) : AtWhatIsNotThere(look));
      calls.push_back(i % 2 == 0 ? AtWhatIsNotThere(look) : ToCall(look));
    }
    const auto answers = calls_.Make(calls, /*at_once=*/1);
    std::vector<absl::Duration> theirs, nobodys;
    for (size_t i = 0; i < answers.size(); ++i) {
      const bool is_theirs = (i % 2 == 0) == (i / 2 % 2 == 0);
      (is_theirs ? theirs : nobodys).push_back(answers[i].took);
      ASSERT_EQ(answers[i].answer.status.error_code(), grpc::StatusCode::NOT_FOUND) << method;
      ASSERT_EQ(ShapeOf(answers[i].answer), ShapeOf(answers[0].answer)) << method;
    }
    const double ratio = absl::FDivDuration(MedianOf(theirs), MedianOf(nobodys));
    std::printf("%-14s %4.0f µs for another's, %4.0f µs for nobody's: ratio %.3f\n", method.c_str(),
                absl::ToDoubleMicroseconds(MedianOf(theirs)),
                absl::ToDoubleMicroseconds(MedianOf(nobodys)), ratio);
    EXPECT_GT(ratio, 0.8) << method;
    EXPECT_LT(ratio, 1.2) << method;
  }

  static std::string Somebody(size_t i) { return absl::StrCat("somebody-", i % 40); }
};

TEST_F(NotFoundTimingTest, AnothersLease) {
  const Landlord& here = landlords()[0];
  ExpectAlike("GetCallSheet", [&](size_t i) {
    const auto& lease = here.leases[i % here.leases.size()];
    const size_t colleague =
        (lease.holder + 1 + i % (here.volunteers.size() - 1)) % here.volunteers.size();
    return Look{
        .method = "GetCallSheet",
        .caller = here.As("volunteer", here.volunteers[colleague]),
        .fields = {{"campaign_id", here.campaign}, {"lease_id", lease.id}, {"fence", lease.fence}},
        .foreign = {"lease_id"}};
  });
}

TEST_F(NotFoundTimingTest, AnotherLandlordsHousehold) {
  const Landlord& there = landlords()[1];
  ExpectAlike("GetHousehold", [&](size_t i) {
    return Look{.method = "GetHousehold",
                .caller = landlords()[0].As("coordinator", Somebody(i)),
                .fields = {{"household_id", there.households[i % there.households.size()]}},
                .foreign = {"household_id"}};
  });
}

TEST_F(NotFoundTimingTest, AnotherPartnersCase) {
  const Landlord& here = landlords()[0];
  ExpectAlike("GetMyReferral", [&](size_t i) {
    const auto& seen = here.cases[i % (here.cases.size() - 1)];  // all but the one taken away
    return Look{.method = "GetMyReferral",
                .caller = here.AsPartner(1 - seen.partner, Somebody(i)),
                .fields = {{"referral_id", seen.referral}},
                .foreign = {"referral_id"}};
  });
}

TEST_F(NotFoundTimingTest, AnotherLandlordsReferral) {
  const Landlord& there = landlords()[1];
  ExpectAlike("GetReferral", [&](size_t i) {
    return Look{.method = "GetReferral",
                .caller = landlords()[0].As("coordinator", Somebody(i)),
                .fields = {{"referral_id", there.cases[i % there.cases.size()].referral}},
                .foreign = {"referral_id"}};
  });
}

TEST_F(NotFoundTimingTest, AnotherLandlordsCampaign) {
  ExpectAlike("GetCampaign", [&](size_t i) {
    return Look{.method = "GetCampaign",
                .caller = landlords()[0].As("volunteer", Somebody(i)),
                .fields = {{"campaign_id", landlords()[1].campaign}},
                .foreign = {"campaign_id"}};
  });
}

}  // namespace
}  // namespace veille::e2e
