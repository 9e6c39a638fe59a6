// 10,000 looks at what is somebody else's: another landlord's, another volunteer's, another
// partner's, by leases that ran out, by assignments that others have now. None is answered, each is
// refused as what is not there would be, and the trail counts them. Those whose it is are answered
// before and after.
//
// The seed is printed; VEILLE_SEED repeats a run.

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <regex>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "e2e/neighbours_test.h"
#include "testing/wait_until.h"
#include "veille/audit/v1/audit_service.grpc.pb.h"
#include "veille/partner/v1/partner_desk_service.pb.h"

namespace veille::e2e {
namespace {

using veillectl::Identity;

constexpr int kLooks = 10'000;
constexpr int kAtOnce = 64;

class CrossReadsTest : public NeighboursTest {
 protected:
  // Whatever the looks are for, by those whose it is; how many were told something.
  int TellThoseWhoseItIs() {
    std::vector<CallToMake> calls;
    const auto add = [&](const std::string& method, const Identity& caller, const Fields& fields) {
      calls.push_back(ToCall({.method = method, .caller = caller, .fields = fields}));
    };
    for (const Landlord& landlord : landlords()) {
      const Identity coordinator = landlord.As("coordinator", "grace");
      for (const auto& lease : landlord.leases) {
        if (lease.expired) continue;
        add("GetCallSheet", landlord.As("volunteer", landlord.volunteers[lease.holder]),
            {{"campaign_id", landlord.campaign}, {"lease_id", lease.id}, {"fence", lease.fence}});
        add("ExplainHousehold", coordinator,
            {{"campaign_id", landlord.campaign}, {"household_id", lease.household}});
      }
      for (const auto& id : landlord.households) {
        add("GetHousehold", coordinator, {{"household_id", id}});
      }
      for (const auto& seen : landlord.cases) {
        add("GetReferral", coordinator, {{"referral_id", seen.referral}});
        add("GetMyReferral", landlord.AsPartner(seen.partner, "machine"),
            {{"referral_id", seen.referral}});
      }
      for (const auto& id : landlord.helped) {
        add("GetDisclosureStatement", coordinator, {{"tenant_id", id}});
      }
      for (const auto& id : landlord.partners) add("GetPartner", coordinator, {{"partner_id", id}});
      add("GetScript", coordinator, {{"script_id", landlord.script}});
      add("GetCampaign", coordinator, {{"campaign_id", landlord.campaign}});
      add("GetCampaignReport", coordinator, {{"campaign_id", landlord.campaign}});
    }
    const auto answers = calls_.Make(calls, kAtOnce);
    for (size_t i = 0; i < calls.size(); ++i) {
      EXPECT_TRUE(answers[i].answer.status.ok() && !answers[i].answer.bytes.empty())
          << calls[i].method->name() << ": " << answers[i].answer.status.error_message();
    }
    return static_cast<int>(calls.size());
  }

  // How often the trails of a landlord say that something was not found for somebody.
  int64_t MissesInTrails(const Landlord& landlord) {
    audit::v1::ListAuditEventsRequest request;
    request.set_only_denied(true);
    int64_t misses = 0;
    for (const Service service : kServices) {
      const auto listed =
          (*programme_)
              .Connect(service, landlord.As("dpo", "emmy"))
              .CallAllPages(&audit::v1::AuditService::Stub::ListAuditEvents, request);
      EXPECT_TRUE(listed.ok()) << listed.status();
      if (!listed.ok()) return -1;
      static const std::regex form("denied(?: ([0-9]+) times)?, not found");
      for (const auto& event : listed->events()) {
        std::smatch parts;
        if (!std::regex_match(event.outcome(), parts, form)) continue;
        misses += parts[1].matched ? std::stoll(parts[1].str()) : 1;
      }
    }
    return misses;
  }
};

uint64_t Seed() {
  uint64_t seed = std::random_device()();
  if (const char* given = std::getenv("VEILLE_SEED")) (void)absl::SimpleAtoi(given, &seed);
  return seed;
}

TEST_F(CrossReadsTest, NoneOfTenThousandIsAnswered) {
  const uint64_t seed = Seed();
  std::printf("VEILLE_SEED=%llu\n", static_cast<unsigned long long>(seed));
  const int told_before = TellThoseWhoseItIs();

  Prying prying(landlords(), seed);
  std::vector<Look> looks;
  std::vector<CallToMake> calls;
  std::map<std::string, CallToMake> at_nothing;
  for (int i = 0; i < kLooks; ++i) {
    const Look& look = looks.emplace_back(prying.Next());
    calls.push_back(ToCall(look));
    if (look.reason.empty() && !at_nothing.contains(look.kind)) {
      at_nothing.emplace(look.kind, AtWhatIsNotThere(look));
    }
  }
  std::map<std::string, std::string> shapes;  // of what is not there, by kind
  std::map<std::string, int64_t> misses;      // by landlord
  for (const auto& [kind, call] : at_nothing) {
    const Answer answer = calls_.Make(call);
    ASSERT_EQ(answer.status.error_code(), grpc::StatusCode::NOT_FOUND) << kind;
    shapes[kind] = ShapeOf(answer);
    ++misses[call.caller.landlord];
  }

  const absl::Time begin = absl::Now();
  const std::vector<TimedAnswer> answers = calls_.Make(calls, kAtOnce);
  std::printf("%d looks of %zu kinds in %.1f s\n", kLooks, shapes.size(),
              absl::ToDoubleSeconds(absl::Now() - begin));
  for (size_t i = 0; i < looks.size(); ++i) {
    const Look& look = looks[i];
    const Answer& answer = answers[i].answer;
    ASSERT_EQ(answer.status.error_code(), look.expected)
        << look.kind << ": " << answer.status.error_message();
    ASSERT_EQ(answer.bytes, "") << look.kind;
    if (look.reason.empty()) {
      ASSERT_EQ(ShapeOf(answer), shapes.at(look.kind)) << look.kind;
      ++misses[look.caller.landlord];
    } else {
      ASSERT_TRUE(std::regex_match(ReasonOf(answer.status), std::regex(look.reason)))
          << look.kind << ": " << ReasonOf(answer.status);
    }
  }

  for (const Landlord& landlord : landlords()) {
    EXPECT_GT(misses[landlord.id], kLooks / 3);
    EXPECT_TRUE(testing::WaitUntil([&] { return MissesInTrails(landlord) == misses[landlord.id]; }))
        << MissesInTrails(landlord) << " in the trails, " << misses[landlord.id] << " looks";
  }
  const int told_after = TellThoseWhoseItIs();
  EXPECT_EQ(told_after, told_before);
  EXPECT_GT(told_before, 80);
  std::printf("those whose it is were told %d times before and after\n", told_before);
}

// What stays to be seen of a case that was taken away: that it was, and nobody's name or words.
TEST_F(CrossReadsTest, ACaseThatWasTakenAwayShowsNobody) {
  for (const Landlord& landlord : landlords()) {
    const Fields fields = {{"referral_id", landlord.superseded.referral}};
    const Look look{
        .method = "GetMyReferral", .caller = landlord.AsPartner(0, "machine"), .fields = fields};
    partner::v1::GetMyReferralResponse theirs;
    const Answer had = calls_.Make(ToCall(look));
    ASSERT_TRUE(had.status.ok() && theirs.ParseFromString(had.bytes));
    EXPECT_TRUE(theirs.partner_case().superseded());
    EXPECT_FALSE(theirs.partner_case().has_person());
    EXPECT_EQ(theirs.partner_case().words(), "");

    const Look now{
        .method = "GetMyReferral", .caller = landlord.AsPartner(1, "machine"), .fields = fields};
    const Answer has = calls_.Make(ToCall(now));
    ASSERT_TRUE(has.status.ok() && theirs.ParseFromString(has.bytes));
    EXPECT_TRUE(theirs.partner_case().has_person());
  }
}

}  // namespace
}  // namespace veille::e2e
