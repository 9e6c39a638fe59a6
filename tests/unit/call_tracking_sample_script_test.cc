// The sample script is a real one: it makes sense, asks about what the programme is for, finds each
// need, and its own cases pass.

#include <gmock/gmock.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <set>

#include "call_tracking/convert/script.h"
#include "call_tracking/convert/script_test_case.h"

namespace veille::call_tracking {
namespace {

using ::testing::IsEmpty;
using ::testing::IsSupersetOf;

template <typename Message>
Message Sample(const std::string& name) {
  std::ifstream file(std::string(VEILLE_SAMPLES_DIR) + "/" + name);
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  Message message;
  const auto status = google::protobuf::util::JsonStringToMessage(text, &message);
  EXPECT_TRUE(status.ok()) << name << ": " << status.ToString();
  return message;
}

class SampleScriptTest : public ::testing::Test {
 protected:
  SampleScriptTest() {
    pb::TestScriptRequest request = Sample<pb::TestScriptRequest>("script-cases.json");
    *request.mutable_script() = Sample<pb::Script>("script.json");
    auto test = FromProto(request);
    EXPECT_TRUE(test.ok()) << test.status();
    if (test.ok()) test_ = *std::move(test);
  }
  const Script& script() const { return *test_.script; }

  ScriptTest test_;
};

TEST_F(SampleScriptTest, MakesSenseInFrenchAndEnglish) {
  for (const ScriptFault& fault : CheckScript(script())) {
    ADD_FAILURE() << fault.place << " " << fault.fault;
  }
  EXPECT_THAT(script().languages, ::testing::ElementsAre("fr", "en"));
}

TEST_F(SampleScriptTest, ItsCasesPass) {
  for (const ScriptFault& fault : CheckCases(script(), test_.cases)) {
    ADD_FAILURE() << fault.place << " " << fault.fault;
  }
  for (const ScriptCase& tried : test_.cases) {
    const ScriptCaseResult result = Try(script(), tried);
    EXPECT_THAT(result.difference, IsEmpty()) << tried.name;
    for (const LocalizedTexts& why : result.why) EXPECT_EQ(why.size(), 2u) << tried.name;
  }
}

TEST_F(SampleScriptTest, ItsCasesFindByEachRuleAndEachRequest) {
  std::set<std::string> used;
  std::set<Need> requested;
  for (const ScriptCase& tried : test_.cases) {
    for (const Finding& finding : Try(script(), tried).found) {
      used.insert(finding.rule);
      if (finding.rule == kStatedRequest) requested.insert(finding.need);
    }
  }
  for (const TriageRule& rule : script().rules) EXPECT_TRUE(used.contains(rule.id)) << rule.id;
  EXPECT_EQ(requested.size(), 14u);  // every need can be asked for
}

TEST_F(SampleScriptTest, FindsWhatTheProgrammeIsFor) {
  std::set<Need> needs;
  bool emergency = false;
  bool weekly = false;
  for (const TriageRule& rule : script().rules) {
    if (rule.outcome == FindingKind::kNeed) needs.insert(rule.need);
    emergency = emergency || rule.urgency == Urgency::kEmergency;
    weekly = weekly || rule.outcome == FindingKind::kWeeklyCall;
  }
  EXPECT_THAT(needs, IsSupersetOf({Need::kMeals, Need::kGroceries, Need::kMedicines,
                                   Need::kHealthCare, Need::kHomeHelp, Need::kLoneliness,
                                   Need::kSafety, Need::kProtectiveGestures}));
  EXPECT_TRUE(emergency);
  EXPECT_TRUE(weekly);
}

}  // namespace
}  // namespace veille::call_tracking
