// Partners that are told by webhook: registration, keys, and what is posted.

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>
#include <set>

#include "absl/strings/str_split.h"
#include "integration/referral_fixture.h"
#include "integration/web_fixture.h"

namespace veille::referral {
namespace {

using testing::AddressOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::IsOk;
using testing::kPartnerAddress;
using ::testing::Not;
using testing::ReasonIs;
using ::testing::StartsWith;
using testing::WaitUntil;
using Directory = pb::PartnerDirectoryService::Stub;

// One post, as it came.
struct Post {
  explicit Post(const std::string& request) {
    const size_t end = request.find("\r\n\r\n");
    body = request.substr(end + 4);
    const std::vector<std::string> lines = absl::StrSplit(request.substr(0, end), "\r\n");
    for (const std::string& line : lines) {
      const size_t colon = line.find(": ");
      if (colon != std::string::npos) headers[line.substr(0, colon)] = line.substr(colon + 2);
    }
  }
  std::vector<std::string> signatures() const {
    return absl::StrSplit(headers.at("webhook-signature"), ' ');
  }
  // What a key would have signed.
  std::string SignedBy(const web::WebhookKey& key) const {
    const absl::Time time = absl::FromUnixSeconds(std::stol(headers.at("webhook-timestamp")));
    return key.Sign(headers.at("webhook-id"), time, body).value();
  }
  nlohmann::json data() const { return nlohmann::json::parse(body).at("data"); }

  std::map<std::string, std::string> headers;
  std::string body;
};

// A partner's server, and names that stand for its address until a test says otherwise.
struct Site {
  web::CallerOptions Options() {
    return site.Options([this](const std::string& host) {
      absl::MutexLock lock(&mutex);
      const auto found = names.find(host);
      return absl::StatusOr<std::vector<web::Address>>(
          {AddressOf(found == names.end() ? kPartnerAddress : found->second)});
    });
  }
  void Rename(const std::string& host, const std::string& address) {
    absl::MutexLock lock(&mutex);
    names[host] = address;
  }

  absl::Mutex mutex;
  std::map<std::string, std::string> names ABSL_GUARDED_BY(mutex);
  std::vector<Post> posts ABSL_GUARDED_BY(mutex);
  testing::PartnerSite site;  // last: its thread uses all of the above
};

std::string Http(const std::string& head, const std::string& body = "") {
  return absl::StrCat("HTTP/1.1 ", head, "\r\nContent-Length: ", body.size(),
                      "\r\nConnection: close\r\n\r\n", body);
}

class WebhooksTest : private Site, public ReferralFixture {
 protected:
  WebhooksTest() : ReferralFixture(Site::Options()) { Say("200 OK", R"({"receiptNumber":"W-7"})"); }

  // What the server answers from now on.
  void Say(const std::string& head, const std::string& body = "") {
    site.server().Answer([this, answer = Http(head, body)](const std::string& request) {
      absl::MutexLock lock(&mutex);
      Site::posts.emplace_back(request);
      return answer;
    });
  }
  std::vector<Post> posts() {
    absl::MutexLock lock(&mutex);
    return Site::posts;
  }
  std::string Url(const std::string& host = testing::kPartnerHost) const { return site.Url(host); }
  using Site::Rename;
  int connections() { return site.server().connections(); }

  pb::RegisterPartnerRequest WebhookOf(const std::string& name) const {
    pb::RegisterPartnerRequest request = Registration(name);
    request.mutable_partner()->set_endpoint(Url());
    return request;
  }
  absl::StatusOr<pb::RegisterPartnerResponse> Send(const pb::RegisterPartnerRequest& request) {
    return Call(directory_, &Directory::RegisterPartner, request, Coordinator());
  }
  absl::StatusOr<pb::RotatePartnerKeyResponse> Rotate(const std::string& partner,
                                                      const std::string& request_id = NewId()) {
    pb::RotatePartnerKeyRequest request;
    request.set_request_id(request_id);
    request.set_partner_id(partner);
    return Call(directory_, &Directory::RotatePartnerKey, request, Coordinator());
  }
  bool BecomesState(const std::string& referral, common_pb::ReferralState state) {
    return WaitUntil([&] { return Read(referral).state() == state; });
  }
  // What waits is due, whatever it waits for.
  void MakeDue() {
    test_database_.Query("DELETE FROM partner_rests");
    test_database_.Query("UPDATE deliveries SET due_time = veille_now() WHERE state = 1");
  }
};

TEST_F(WebhooksTest, APartnerIsRegisteredWithAKeyThatIsShownOnce) {
  const pb::RegisterPartnerRequest request = WebhookOf("CCAS");
  const auto registered = Send(request);
  ASSERT_THAT(registered, IsOk());
  EXPECT_EQ(registered->partner().channel(), pb::PARTNER_CHANNEL_WEBHOOK);
  EXPECT_EQ(registered->partner().endpoint(), Url());
  EXPECT_EQ(registered->signing_key().algorithm(), pb::SIGNING_ALGORITHM_HMAC_SHA256);
  EXPECT_THAT(registered->signing_key().key(), StartsWith("whsec_"));

  const auto repeated = Send(request);
  ASSERT_THAT(repeated, IsOk());
  EXPECT_EQ(repeated->SerializeAsString(), registered->SerializeAsString());
  EXPECT_EQ(Value("SELECT count(*) FROM partner_keys"), "1");

  pb::GetPartnerRequest read;
  read.set_partner_id(registered->partner().partner_id());
  const auto found = Call(directory_, &Directory::GetPartner, read, Coordinator());
  ASSERT_THAT(found, IsOk());
  EXPECT_THAT(found->ShortDebugString(), Not(HasSubstr("whsec_")));
  ASSERT_THAT(Rotate(registered->partner().partner_id()), IsOk());
  EXPECT_FALSE(Send(request)->has_signing_key());
}

TEST_F(WebhooksTest, AThinNoticeIsPostedSignedAndItsReceiptIsNoAcceptance) {
  const auto engine = StartEngine();
  const auto registered = Send(WebhookOf("CCAS"));
  ASSERT_THAT(registered, IsOk());
  const std::string referral = CreateOne();
  ASSERT_TRUE(BecomesState(referral, common_pb::REFERRAL_STATE_RECEIVED));

  ASSERT_EQ(posts().size(), 1);
  const Post post = posts()[0];
  const std::string delivery = Value("SELECT delivery_id FROM deliveries");
  EXPECT_EQ(post.headers.at("webhook-id"), delivery);
  EXPECT_EQ(post.headers.at("webhook-timestamp"), "1585720800");
  EXPECT_EQ(post.headers.at("content-type"), "application/json");
  const auto key = web::WebhookKey::Parse(registered->signing_key().key());
  ASSERT_THAT(key, IsOk());
  EXPECT_THAT(post.signatures(), ElementsAre(post.SignedBy(*key)));
  EXPECT_EQ(nlohmann::json::parse(post.body), (nlohmann::json{{"type", "referral.assigned"},
                                                              {"data",
                                                               {{"deliveryId", delivery},
                                                                {"referralId", referral},
                                                                {"assignmentFence", "1"},
                                                                {"version", "1"},
                                                                {"need", "NEED_MEALS"},
                                                                {"urgency", "URGENCY_ROUTINE"}}}}));
  EXPECT_EQ(Value("SELECT state || ' ' || tries || ' ' || receipt_number FROM deliveries"),
            "3 1 W-7");
  EXPECT_FALSE(Read(referral).assignments(0).has_accept_time());
  EXPECT_THAT(Accept(registered->partner().partner_id(), referral), IsOk());
}

TEST_F(WebhooksTest, AFullNoticeIsPostedOnlyWhereTheRegistrationSaysSo) {
  const auto engine = StartEngine();
  pb::RegisterPartnerRequest request = WebhookOf("CCAS");
  request.mutable_partner()->set_payload(pb::PARTNER_PAYLOAD_FULL);
  ASSERT_THAT(Send(request), IsOk());
  const std::string referral = CreateOne();
  ASSERT_TRUE(BecomesState(referral, common_pb::REFERRAL_STATE_RECEIVED));
  const nlohmann::json data = posts().at(0).data();
  EXPECT_EQ(data.at("partnerCase").at("person").at("familyName"), "Lefèvre");
}

TEST_F(WebhooksTest, ATestIsPostedLikeACaseAndTellsWhatIsWrong) {
  const auto engine = StartEngine();
  const auto registered = Send(WebhookOf("CCAS"));
  ASSERT_THAT(registered, IsOk());
  const std::string partner = registered->partner().partner_id();
  const auto problem = [&]() -> std::string {
    pb::GetPartnerRequest read;
    read.set_partner_id(partner);
    const auto found = Call(directory_, &Directory::GetPartner, read, Coordinator());
    const pb::PartnerTest& test = found->last_test();
    return absl::StrCat(pb::PartnerTestProblem_Name(test.problem()), " ", test.answer());
  };
  const auto begin = [&] {
    pb::TestPartnerRequest request;
    request.set_request_id(NewId());
    request.set_partner_id(partner);
    return Call(directory_, &Directory::TestPartner, request, Coordinator());
  };
  Say("302 Found");
  ASSERT_THAT(begin(), IsOk());
  EXPECT_TRUE(WaitUntil([&] { return problem() == "PARTNER_TEST_PROBLEM_REFUSED HTTP 302"; }));
  Say("410 Gone");
  ASSERT_THAT(begin(), IsOk());
  EXPECT_TRUE(WaitUntil([&] { return problem() == "PARTNER_TEST_PROBLEM_NO_INBOX HTTP 410"; }));
  Rename(testing::kPartnerHost, "127.0.0.1");
  ASSERT_THAT(begin(), IsOk());
  EXPECT_TRUE(WaitUntil([&] {
    return absl::StartsWith(problem(), "PARTNER_TEST_PROBLEM_ADDRESS_REFUSED leads to");
  }));
  Rename(testing::kPartnerHost, kPartnerAddress);
  Say("204 No Content");
  const auto begun = begin();
  ASSERT_THAT(begun, IsOk());
  ASSERT_TRUE(WaitUntil([&] {
    return Value("SELECT count(*) FROM partner_tests WHERE received_time IS NOT NULL") == "1";
  }));
  EXPECT_EQ(problem(), "PARTNER_TEST_PROBLEM_UNSPECIFIED ");
  const Post post = posts().back();
  EXPECT_EQ(post.headers.at("webhook-id"), begun->test().delivery_id());
  EXPECT_EQ(post.data().at("test"), true);
  const auto key = web::WebhookKey::Parse(registered->signing_key().key());
  ASSERT_THAT(key, IsOk());
  EXPECT_THAT(post.signatures(), ElementsAre(post.SignedBy(*key)));
}

TEST_F(WebhooksTest, ATryKeepsItsIdAndIsSignedAnew) {
  Say("500 Broken");
  const auto engine = StartEngine();
  const auto registered = Send(WebhookOf("CCAS"));
  const std::string referral = CreateOne();
  ASSERT_TRUE(
      WaitUntil([&] { return Value("SELECT state || ' ' || tries FROM deliveries") == "1 1"; }));
  Say("204 No Content");
  clock_.Advance(absl::Minutes(10));
  MakeDue();
  ASSERT_TRUE(BecomesState(referral, common_pb::REFERRAL_STATE_RECEIVED));
  const auto tries = posts();
  ASSERT_EQ(tries.size(), 2);
  EXPECT_EQ(tries[0].headers.at("webhook-id"), tries[1].headers.at("webhook-id"));
  EXPECT_EQ(tries[0].body, tries[1].body);
  EXPECT_EQ(tries[1].headers.at("webhook-timestamp"), "1585721400");
  const auto key = web::WebhookKey::Parse(registered->signing_key().key());
  EXPECT_THAT(tries[1].signatures(), ElementsAre(tries[1].SignedBy(*key)));
}

// A partner takes an id that it knows as done: what there is to say later would never reach it.
TEST_F(WebhooksTest, WhatFollowsOnACaseIsAMessageOfItsOwn) {
  const auto engine = StartEngine();
  const auto registered = Send(WebhookOf("CCAS"));
  pb::CreateReferralRequest request = Creation();
  const auto created = Create(request);
  ASSERT_THAT(created, IsOk());
  const auto wait_for = [this](size_t count) {
    return WaitUntil(
        [&] { return posts().size() == count && Value("SELECT state FROM deliveries") == "3"; });
  };
  ASSERT_TRUE(wait_for(1));
  request.set_request_id(NewId());
  request.set_finding_id(NewId());
  request.set_urgency(common_pb::URGENCY_PRIORITY);
  ASSERT_THAT(Create(request), IsOk());
  ASSERT_TRUE(wait_for(2));
  pb::RedeliverReferralRequest redeliver;
  redeliver.set_request_id(NewId());
  redeliver.set_referral_id(created->referral_id());
  ASSERT_THAT(
      Call(referrals_, &pb::ReferralService::Stub::RedeliverReferral, redeliver, Coordinator()),
      IsOk());
  ASSERT_TRUE(wait_for(3));
  Say("500 Broken");
  pb::WithdrawReferralRequest withdraw;
  withdraw.set_request_id(NewId());
  withdraw.set_referral_id(created->referral_id());
  withdraw.set_note("Repris par la famille.");
  ASSERT_THAT(
      Call(referrals_, &pb::ReferralService::Stub::WithdrawReferral, withdraw, Coordinator()),
      IsOk());
  ASSERT_TRUE(
      WaitUntil([&] { return Value("SELECT state || ' ' || tries FROM deliveries") == "1 1"; }));
  Say("204 No Content");
  MakeDue();
  ASSERT_TRUE(WaitUntil([&] { return Value("SELECT state FROM deliveries") == "5"; }));

  const auto sent = posts();
  ASSERT_EQ(sent.size(), 5);
  std::set<std::string> ids;
  const auto key = web::WebhookKey::Parse(registered->signing_key().key());
  for (const Post& post : sent) {
    ids.insert(post.headers.at("webhook-id"));
    EXPECT_EQ(post.data().at("deliveryId"), sent[0].data().at("deliveryId"));
    EXPECT_THAT(post.signatures(), ElementsAre(post.SignedBy(*key)));
  }
  EXPECT_EQ(ids.size(), 4);
  EXPECT_EQ(sent[3].headers.at("webhook-id"), sent[4].headers.at("webhook-id")) << "a try";
  EXPECT_EQ(sent[1].data().at("urgency"), "URGENCY_PRIORITY");
  EXPECT_THAT(sent[4].body, HasSubstr("referral.withdrawn"));
}

TEST_F(WebhooksTest, NoOtherAnswerIsAReceipt) {
  const auto engine = StartEngine();
  ASSERT_THAT(Send(WebhookOf("CCAS")), IsOk());
  const std::string elsewhere = "302 Found\r\nLocation: " + Url();
  Say(elsewhere);
  const std::string referral = CreateOne();
  for (const std::string& answer :
       {elsewhere, std::string("400 Bad"), std::string("401 Who"), std::string("404 Nowhere"),
        std::string("429 Slower"), std::string("503 Later"), std::string("302 Found")}) {
    SCOPED_TRACE(answer);
    Say(answer);
    const size_t before = posts().size();
    // The rest that a failure brings is written after it, and would end none too soon.
    ASSERT_TRUE(WaitUntil([&] {
      MakeDue();
      return posts().size() > before;
    }));
    ASSERT_TRUE(WaitUntil([&] { return Value("SELECT state FROM deliveries") == "1"; }));
    EXPECT_EQ(Read(referral).state(), common_pb::REFERRAL_STATE_REQUESTED);
  }
  EXPECT_EQ(connections(), static_cast<int>(posts().size()));  // no redirect was followed
}

TEST_F(WebhooksTest, RetryAfterIsHeeded) {
  Say("429 Slower\r\nRetry-After: 3600");
  const auto engine = StartEngine();
  ASSERT_THAT(Send(WebhookOf("CCAS")), IsOk());
  CreateOne();
  EXPECT_TRUE(WaitUntil([&] {
    return Value(
               "SELECT count(*) FROM deliveries "
               "WHERE state = 1 AND due_time > veille_now() + interval '50 minutes'") == "1";
  }));
}

TEST_F(WebhooksTest, AnEndpointThatIsGoneIsSwitchedOff) {
  Say("410 Gone");
  const auto engine = StartEngine();
  const auto registered = Send(WebhookOf("CCAS"));
  CreateOne();
  pb::GetPartnerRequest read;
  read.set_partner_id(registered->partner().partner_id());
  EXPECT_TRUE(WaitUntil([&] {
    const auto found = Call(directory_, &Directory::GetPartner, read, Coordinator());
    return found.ok() && found->partner().state() == pb::PARTNER_STATE_SUSPENDED;
  }));
}

TEST_F(WebhooksTest, AddressesThatMayNotBeCalledAreNotRegistered) {
  Rename("inside.example", "10.0.0.1");
  Rename("metadata.example", "169.254.169.254");
  for (const std::string& endpoint :
       {Url("inside.example"), Url("metadata.example"), Url("127.0.0.1"), Url("[::1]"),
        Url("2130706433"), Url("user@partner.example"), Url("partner.example."),
        std::string("https://partner.example:22/"), Url() + "#part",
        "http" + Url().substr(sizeof("https") - 1)}) {
    SCOPED_TRACE(endpoint);
    pb::RegisterPartnerRequest request = Registration("CCAS");
    request.mutable_partner()->set_endpoint(endpoint);
    EXPECT_THAT(Send(request), ReasonIs(common_pb::ERROR_REASON_INVALID_FIELDS));
  }
  EXPECT_EQ(Value("SELECT count(*) FROM partners"), "0");
  EXPECT_EQ(connections(), 0);
}

TEST_F(WebhooksTest, AnAddressThatChangedSinceIsNotPostedTo) {
  const auto registered = Send(WebhookOf("CCAS"));
  ASSERT_THAT(registered, IsOk());
  Rename(testing::kPartnerHost, "127.0.0.1");
  const auto engine = StartEngine();
  const std::string referral = CreateOne();
  ASSERT_TRUE(WaitUntil([&] { return Value("SELECT state FROM deliveries") == "4"; }));
  EXPECT_EQ(ItemOf(referral, pb::WORKLIST_REASON_NOT_DELIVERED).referral_id(), referral);
  EXPECT_EQ(connections(), 0);
}

TEST_F(WebhooksTest, TwoKeysSignForADayWhenOneIsReplaced) {
  const auto engine = StartEngine();
  const auto registered = Send(WebhookOf("CCAS"));
  ASSERT_THAT(registered, IsOk());
  const std::string partner = registered->partner().partner_id();
  const std::string request_id = NewId();
  const auto rotated = Rotate(partner, request_id);
  ASSERT_THAT(rotated, IsOk());
  EXPECT_NE(rotated->signing_key().key(), registered->signing_key().key());
  EXPECT_EQ(rotated->previous_expire_time().seconds(), 1585720800 + 24 * 3600);
  EXPECT_EQ(Rotate(partner, request_id)->SerializeAsString(), rotated->SerializeAsString());
  const auto before = web::WebhookKey::Parse(registered->signing_key().key()).value();
  const auto after = web::WebhookKey::Parse(rotated->signing_key().key()).value();

  const auto next_post = [&] {
    const size_t so_far = posts().size();
    CreateOne();
    EXPECT_TRUE(WaitUntil([&] { return posts().size() > so_far; }));
    return posts().at(so_far);
  };
  clock_.Advance(absl::Hours(24) - absl::Seconds(1));
  const Post both = next_post();
  EXPECT_THAT(both.signatures(), ElementsAre(both.SignedBy(after), both.SignedBy(before)));
  clock_.Advance(absl::Seconds(1));
  const Post alone = next_post();
  EXPECT_THAT(alone.signatures(), ElementsAre(alone.SignedBy(after)));

  ASSERT_THAT(Rotate(partner), IsOk());
  EXPECT_THAT(Rotate(partner, request_id), ReasonIs(common_pb::ERROR_REASON_PARTNER_KEY_REPLACED));
  EXPECT_THAT(Rotate(NewId()), ReasonIs(common_pb::ERROR_REASON_PARTNER_NOT_FOUND));
  EXPECT_EQ(Value("SELECT count(*) FROM partner_keys"), "2");
}

TEST_F(WebhooksTest, AKeyPairSignsWhereThatIsAskedFor) {
  const auto engine = StartEngine();
  pb::RegisterPartnerRequest request = WebhookOf("CCAS");
  request.set_signing_algorithm(pb::SIGNING_ALGORITHM_ED25519);
  const auto registered = Send(request);
  ASSERT_THAT(registered, IsOk());
  EXPECT_THAT(registered->signing_key().key(), StartsWith("whpk_"));
  CreateOne();
  ASSERT_TRUE(WaitUntil([&] { return posts().size() == 1; }));
  const auto secret =
      Value("SELECT convert_from(substring(secret FROM 2), 'UTF8') FROM partner_keys");
  const auto key = web::WebhookKey::Parse(secret);
  ASSERT_THAT(key, IsOk());
  EXPECT_EQ(key->ForPartner(), registered->signing_key().key());
  const Post post = posts()[0];
  EXPECT_THAT(post.signatures(), ElementsAre(StartsWith("v1a,")));
  EXPECT_THAT(post.signatures(), ElementsAre(post.SignedBy(*key)));

  pb::RegisterPartnerRequest by_hand = Registration("Voisins");
  by_hand.set_signing_algorithm(pb::SIGNING_ALGORITHM_ED25519);
  EXPECT_THAT(Send(by_hand), ReasonIs(common_pb::ERROR_REASON_INVALID_FIELDS));
}

TEST_F(WebhooksTest, APartnerChangesToAWebhookOnceItHasAKey) {
  const std::string partner = Register("CCAS", "127.0.0.1:7009");
  const auto move = [&](const std::string& endpoint) {
    pb::UpdatePartnerRequest request;
    request.set_request_id(NewId());
    request.mutable_partner()->set_partner_id(partner);
    request.mutable_partner()->set_endpoint(endpoint);
    request.mutable_update_mask()->add_paths("endpoint");
    return Call(directory_, &Directory::UpdatePartner, request, Coordinator());
  };
  EXPECT_THAT(move(Url()), ReasonIs(common_pb::ERROR_REASON_INVALID_FIELDS));
  const auto rotated = Rotate(partner);
  ASSERT_THAT(rotated, IsOk());
  EXPECT_FALSE(rotated->has_previous_expire_time());
  Rename("inside.example", "10.0.0.1");
  EXPECT_THAT(move(Url("inside.example")), ReasonIs(common_pb::ERROR_REASON_INVALID_FIELDS));
  const auto moved = move(Url());
  ASSERT_THAT(moved, IsOk());
  EXPECT_EQ(moved->partner().channel(), pb::PARTNER_CHANNEL_WEBHOOK);
}

}  // namespace
}  // namespace veille::referral
