// Scripts: published once, never changed; nonsense is refused with its place.

#include <functional>

#include "integration/call_tracking_fixture.h"

namespace veille::call_tracking {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::veille::testing::IsOk;
using ::veille::testing::ReasonIs;

class ScriptsTest : public CallTrackingFixture {
 protected:
  auto Publish(const pb::Script& script, const Identity& identity,
               const std::string& request_id = NewId()) {
    pb::PublishScriptRequest request;
    request.set_request_id(request_id);
    *request.mutable_script() = script;
    return Call(scripts_, &pb::ScriptService::Stub::PublishScript, request, identity);
  }
  auto Get(const std::string& id, int version, const Identity& identity) {
    pb::GetScriptRequest request;
    request.set_script_id(id);
    request.set_version(version);
    return Call(scripts_, &pb::ScriptService::Stub::GetScript, request, identity);
  }
  auto List(int page_size, const std::string& token, const Identity& identity) {
    pb::ListScriptsRequest request;
    request.set_page_size(page_size);
    request.set_page_token(token);
    return Call(scripts_, &pb::ScriptService::Stub::ListScripts, request, identity);
  }
  auto Test(const pb::TestScriptRequest& request) {
    return Call(scripts_, &pb::ScriptService::Stub::TestScript, request, Coordinator());
  }
  // The places that are refused in the sample script once it has been changed so.
  std::vector<std::string> PlacesOf(const std::function<void(pb::Script&)>& change) {
    pb::Script script = SampleScript();
    change(script);
    const auto refused = Publish(script, Coordinator());
    EXPECT_THAT(refused, ReasonIs(common_pb::ERROR_REASON_SCRIPT_INVALID));
    return FieldsOf(refused.status());
  }
};

pb::AnswerTest& TestOf(pb::Script& script, int rule) {
  return *script.mutable_rules(rule)->mutable_condition()->mutable_answer();
}

TEST_F(ScriptsTest, PublishesVersionsThatNeverChange) {
  const std::string first_request = NewId();
  const auto first = Publish(SampleScript(), Coordinator(), first_request);
  ASSERT_THAT(first, IsOk());
  EXPECT_EQ(first->script().version(), 1);
  const std::string id = first->script().script_id();

  pb::Script changed = SampleScript();
  changed.set_script_id(id);
  changed.set_title("Welfare call, second edition");
  const std::string second_request = NewId();
  const auto second = Publish(changed, Coordinator(), second_request);
  ASSERT_THAT(second, IsOk());
  EXPECT_EQ(second->script().script_id(), id);
  EXPECT_EQ(second->script().version(), 2);
  const auto third = Publish(changed, Coordinator());
  ASSERT_THAT(third, IsOk());
  EXPECT_EQ(third->script().version(), 3);

  // A repeated request answers what it published, not the newest.
  EXPECT_EQ(Publish(SampleScript(), Coordinator(), first_request)->SerializeAsString(),
            first->SerializeAsString());
  EXPECT_EQ(Publish(changed, Coordinator(), second_request)->SerializeAsString(),
            second->SerializeAsString());
  EXPECT_EQ(Value("SELECT count(*) FROM scripts"), "3");

  EXPECT_EQ(Get(id, 0, Volunteer())->script().version(), 3);
  EXPECT_EQ(Get(id, 1, Coordinator())->script().SerializeAsString(),
            first->script().SerializeAsString());
  EXPECT_THROW(test_database_.Query("UPDATE scripts SET title = 'other'"), std::exception);
}

TEST_F(ScriptsTest, ScriptsOfAnotherLandlordAreNotFound) {
  const std::string id = PublishScript();
  EXPECT_THAT(Get(id, 1, Coordinator()), IsOk());
  EXPECT_THAT(Get(id, 1, OfOtherLandlord(Coordinator())),
              ReasonIs(common_pb::ERROR_REASON_SCRIPT_NOT_FOUND));
  EXPECT_THAT(Get(id, 2, Coordinator()), ReasonIs(common_pb::ERROR_REASON_SCRIPT_NOT_FOUND));
  EXPECT_THAT(Get(NewId(), 0, Coordinator()), ReasonIs(common_pb::ERROR_REASON_SCRIPT_NOT_FOUND));

  pb::Script next = SampleScript();
  next.set_script_id(id);
  EXPECT_THAT(Publish(next, OfOtherLandlord(Coordinator())),
              ReasonIs(common_pb::ERROR_REASON_SCRIPT_NOT_FOUND));
  EXPECT_THAT(Publish(next, Coordinator()), IsOk());

  pb::TestScriptRequest test;
  test.set_script_id(NewId());
  test.add_cases()->set_name("a");
  EXPECT_THAT(Test(test), ReasonIs(common_pb::ERROR_REASON_SCRIPT_NOT_FOUND));
  test.set_script_id(id);
  EXPECT_THAT(Test(test), IsOk());
}

TEST_F(ScriptsTest, ListsEachInItsNewestVersion) {
  std::vector<std::string> ids;
  for (int i = 0; i < 3; ++i) ids.push_back(PublishScript());
  pb::Script next = SampleScript();
  next.set_script_id(ids[1]);
  next.set_title("Second edition");
  ASSERT_THAT(Publish(next, Coordinator()), IsOk());

  const auto first = List(2, "", Volunteer());
  ASSERT_THAT(first, IsOk());
  ASSERT_EQ(first->scripts_size(), 2);
  EXPECT_EQ(first->scripts(0).script_id(), ids[0]);
  EXPECT_EQ(first->scripts(0).version(), 1);
  EXPECT_TRUE(first->scripts(0).has_publish_time());
  EXPECT_EQ(first->scripts(1).script_id(), ids[1]);
  EXPECT_EQ(first->scripts(1).version(), 2);
  EXPECT_EQ(first->scripts(1).title(), "Second edition");
  const auto second = List(2, first->next_page_token(), Coordinator());
  ASSERT_EQ(second->scripts_size(), 1);
  EXPECT_EQ(second->scripts(0).script_id(), ids[2]);
  EXPECT_EQ(second->next_page_token(), "");

  EXPECT_EQ(List(0, "", OfOtherLandlord(Coordinator()))->scripts_size(), 0);
  EXPECT_THAT(FieldsOf(List(1001, "?", Coordinator()).status()),
              ElementsAre("page_size", "page_token"));
  EXPECT_THAT(List(0, "", Service("referral")), ReasonIs(common_pb::ERROR_REASON_ACCESS_DENIED));
}

TEST_F(ScriptsTest, TellsAllThatIsWrongWithFieldsAtOnce) {
  pb::Script script = SampleScript();
  script.set_title("");
  script.add_languages("?");
  script.mutable_questions(0)->set_question_id("Capital");
  script.mutable_questions(1)->set_type(pb::QUESTION_TYPE_CHOICE);
  script.mutable_rules(0)->clear_condition();
  script.mutable_rules(1)->clear_outcome();
  script.mutable_rules(2)->mutable_condition()->mutable_answer()->clear_test();
  script.mutable_agreement_texts(0)->set_text_version("");
  const auto refused = Publish(script, Coordinator(), "");
  EXPECT_THAT(refused, ReasonIs(common_pb::ERROR_REASON_INVALID_FIELDS));
  EXPECT_THAT(
      FieldsOf(refused.status()),
      ElementsAre("request_id", "script.title", "script.languages[1]",
                  "script.questions[0].question_id", "script.questions[1].choices",
                  "script.rules[0].condition", "script.rules[1]",
                  "script.rules[2].condition.answer", "script.agreement_texts[0].text_version"));
  EXPECT_THAT(FieldsOf(Publish({}, Coordinator()).status()),
              ElementsAre("script.title", "script.languages", "script.questions", "script.rules"));
  EXPECT_THAT(FieldsOf(Get("?", -1, Coordinator()).status()), ElementsAre("script_id", "version"));
  EXPECT_EQ(Value("SELECT count(*) FROM scripts"), "0");
}

TEST_F(ScriptsTest, ConditionsAreNestedFiveDeepAtMost) {
  const auto nested = [](int depth) {
    pb::Script script = SampleScript();
    pb::Condition* condition = script.mutable_rules(0)->mutable_condition();
    const pb::AnswerTest test = condition->answer();
    for (int i = 1; i < depth; ++i) condition = condition->mutable_negation();
    *condition->mutable_answer() = test;
    return script;
  };
  EXPECT_THAT(Publish(nested(5), Coordinator()), IsOk());
  EXPECT_THAT(Publish(nested(6), Coordinator()), ReasonIs(common_pb::ERROR_REASON_INVALID_FIELDS));
}

TEST_F(ScriptsTest, NonsenseIsRefusedWithItsPlace) {
  EXPECT_THAT(PlacesOf([](auto& s) { s.mutable_questions(1)->set_question_id("well"); }),
              ElementsAre("script.questions[1].question_id",
                          "script.rules[1].condition.answer.question_id"));
  EXPECT_THAT(PlacesOf([](auto& s) { TestOf(s, 0).set_question_id("nowhere"); }),
              ElementsAre("script.rules[0].condition.answer.question_id"));
  EXPECT_THAT(PlacesOf([](auto& s) { TestOf(s, 0).set_at_least(3); }),
              ElementsAre("script.rules[0].condition.answer"));
  EXPECT_THAT(PlacesOf([](auto& s) { s.add_languages("en"); }).size(), 4u + 4u + 2u);
  EXPECT_THAT(PlacesOf([](auto& s) { s.clear_agreement_texts(); }),
              ElementsAre("script.agreement_texts", "script.agreement_texts"));
  EXPECT_THAT(PlacesOf([](auto& s) { s.mutable_rules(1)->set_rule_id("rule_well"); }),
              ElementsAre("script.rules[1].rule_id"));
}

TEST_F(ScriptsTest, QuestionsLookAtEarlierQuestionsOnly) {
  const auto guard = [](pb::Script& script, int question, const std::string& by) {
    auto& test = *script.mutable_questions(question)->mutable_asked_if()->mutable_answer();
    test.set_question_id(by);
    test.set_equals_boolean(true);
  };
  EXPECT_THAT(PlacesOf([&](auto& s) { guard(s, 0, "meals"); }),
              ElementsAre("script.questions[0].asked_if.answer.question_id"));
  EXPECT_THAT(PlacesOf([&](auto& s) { guard(s, 1, "meals"); }),
              ElementsAre("script.questions[1].asked_if.answer.question_id"));
  pb::Script in_order = SampleScript();
  guard(in_order, 1, "well");
  EXPECT_THAT(Publish(in_order, Coordinator()), IsOk());
}

TEST_F(ScriptsTest, ConditionsThatCanNeverHoldAreRefused) {
  // Both yes and no.
  EXPECT_THAT(PlacesOf([](auto& s) {
                auto& condition = *s.mutable_rules(1)->mutable_condition();
                pb::Condition yes = condition;
                pb::Condition no = condition;
                no.mutable_answer()->set_equals_boolean(false);
                *condition.mutable_all()->add_conditions() = yes;
                *condition.mutable_all()->add_conditions() = no;
              }),
              ElementsAre("script.rules[1].condition"));
  // "meals" is asked only when somebody is well, and the rule wants the contrary.
  EXPECT_THAT(PlacesOf([](auto& s) {
                auto& guard = *s.mutable_questions(1)->mutable_asked_if()->mutable_answer();
                guard.set_question_id("well");
                guard.set_equals_boolean(true);
                auto& condition = *s.mutable_rules(1)->mutable_condition();
                pb::Condition meals = condition;
                pb::Condition unwell;
                unwell.mutable_answer()->set_question_id("well");
                unwell.mutable_answer()->set_equals_boolean(false);
                *condition.mutable_all()->add_conditions() = meals;
                *condition.mutable_all()->add_conditions() = unwell;
              }),
              ElementsAre("script.rules[1].condition"));
}

TEST_F(ScriptsTest, RulesThatCanNeverStandAreRefused) {
  EXPECT_THAT(PlacesOf([](auto& s) {
                auto& milder = *s.add_rules();
                milder = s.rules(1);
                milder.set_rule_id("milder");
                milder.mutable_need()->set_urgency(common_pb::URGENCY_ROUTINE);
              }),
              ElementsAre("script.rules[4]"));
  EXPECT_THAT(PlacesOf([](auto& s) {  // all is well, and somebody has nothing to eat
                TestOf(s, 0).set_question_id("meals");
              }),
              ElementsAre("script.rules[0]"));
  EXPECT_THAT(PlacesOf([](auto& s) { s.mutable_rules(0)->set_rule_id("stated_request"); }),
              ElementsAre("script.rules[0].rule_id"));
  EXPECT_THAT(PlacesOf([](auto& s) { s.mutable_questions(0)->set_health(true); }),
              ElementsAre("script.agreement_texts"));
}

TEST_F(ScriptsTest, AStatedRequestIsAlwaysFoundAndSaysWhy) {
  pb::TestScriptRequest request;
  pb::Script& script = *request.mutable_script();
  script = SampleScript();
  pb::Question& question = *script.add_questions();
  question = script.questions(0);
  question.set_question_id("request");
  question.set_type(pb::QUESTION_TYPE_CHOICE);
  for (const char* choice : {"nothing", "papers"}) {
    pb::Choice& added = *question.add_choices();
    added.set_choice_id(choice);
    added.add_labels()->set_language("fr");
    added.mutable_labels(0)->set_text(choice);
  }
  question.mutable_choices(1)->set_requested_need(common_pb::NEED_ADMIN);
  pb::TestCase& asking = *request.add_cases();
  asking.set_name("asks for help with papers, and is well");
  asking.add_answers()->set_question_id("well");
  asking.mutable_answers(0)->set_boolean(true);
  asking.add_answers()->set_question_id("request");
  asking.mutable_answers(1)->set_choice_id("papers");
  pb::ExpectedFinding& papers = *asking.add_expected();
  papers.set_kind(pb::FINDING_KIND_NEED);
  papers.set_need(common_pb::NEED_ADMIN);
  papers.set_urgency(common_pb::URGENCY_ROUTINE);
  const auto tested = Test(request);
  ASSERT_THAT(tested, IsOk());
  EXPECT_TRUE(tested->results(0).passed()) << tested->results(0).difference();
  EXPECT_EQ(tested->results(0).found(0).rule_id(), "stated_request");
  ASSERT_EQ(tested->results(0).explanations_size(), 1);
  EXPECT_EQ(tested->results(0).explanations(0).texts(0).text(), "papers");

  // It is published, and read back, as it is.
  const auto published = Publish(script, Coordinator());
  ASSERT_THAT(published, IsOk());
  EXPECT_EQ(published->script().questions(4).choices(1).requested_need(), common_pb::NEED_ADMIN);
  script.mutable_questions(4)->mutable_choices(0)->set_requested_need(
      static_cast<common_pb::Need>(99));
  EXPECT_THAT(FieldsOf(Publish(script, Coordinator()).status()),
              ElementsAre("script.questions[4].choices[0].requested_need"));
}

TEST_F(ScriptsTest, TriesCasesAndSaysWhatDiffers) {
  pb::TestScriptRequest request;
  *request.mutable_script() = SampleScript();
  pb::TestCase& right = *request.add_cases();
  right.set_name("hungry");
  right.add_answers()->set_question_id("meals");
  right.mutable_answers(0)->set_boolean(true);
  pb::ExpectedFinding& meals = *right.add_expected();
  meals.set_kind(pb::FINDING_KIND_NEED);
  meals.set_need(common_pb::NEED_MEALS);
  meals.set_urgency(common_pb::URGENCY_PRIORITY);
  pb::TestCase& wrong = *request.add_cases();
  wrong = right;
  wrong.set_name("hungry and lonely");
  wrong.add_answers()->set_question_id("lonely");
  wrong.mutable_answers(1)->set_boolean(true);
  wrong.mutable_expected(0)->set_urgency(common_pb::URGENCY_ROUTINE);

  const auto tested = Test(request);
  ASSERT_THAT(tested, IsOk());
  ASSERT_EQ(tested->results_size(), 2);
  EXPECT_TRUE(tested->results(0).passed());
  EXPECT_EQ(tested->results(0).found(0).rule_id(), "rule_meals");
  EXPECT_FALSE(tested->results(1).passed());
  EXPECT_THAT(tested->results(1).difference(), HasSubstr("found but not expected: WEEKLY_CALL"));
  EXPECT_THAT(tested->results(1).difference(),
              HasSubstr("expected but not found: NEED MEALS ROUTINE"));
  EXPECT_EQ(Value("SELECT count(*) FROM scripts"), "0");
}

TEST_F(ScriptsTest, CasesAreCheckedAgainstTheScript) {
  pb::TestScriptRequest request;
  request.set_script_id(PublishScript());
  pb::TestCase& tried = *request.add_cases();
  tried.set_name("a");
  tried.add_answers()->set_question_id("nowhere");
  tried.mutable_answers(0)->set_boolean(true);
  tried.add_answers()->set_question_id("meals");
  tried.mutable_answers(1)->set_number(3);
  const auto refused = Test(request);
  EXPECT_THAT(refused, ReasonIs(common_pb::ERROR_REASON_INVALID_FIELDS));
  EXPECT_THAT(FieldsOf(refused.status()),
              ElementsAre("cases[0].answers[0].question_id", "cases[0].answers[1]"));
  EXPECT_THAT(FieldsOf(Test({}).status()), ElementsAre("script", "cases"));

  pb::TestScriptRequest contradictory = request;
  *contradictory.mutable_script() = SampleScript();
  TestOf(*contradictory.mutable_script(), 0).set_question_id("nowhere");
  contradictory.mutable_cases(0)->clear_answers();
  EXPECT_THAT(Test(contradictory), ReasonIs(common_pb::ERROR_REASON_SCRIPT_INVALID));
}

TEST_F(ScriptsTest, IsForThoseWhoMay) {
  EXPECT_THAT(Publish(SampleScript(), Volunteer()),
              ReasonIs(common_pb::ERROR_REASON_ACCESS_DENIED));
  EXPECT_THAT(Publish(SampleScript(), Coordinator()), IsOk());
}

}  // namespace
}  // namespace veille::call_tracking
