#pragma once

// The sample clients, run as their users run them, and whom they talk to.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>
#include <memory>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "common/ids/uuid.h"
#include "e2e/command.h"
#include "e2e/inbox.h"
#include "e2e/referrals.h"
#include "e2e/story.h"
#include "testing/status_matchers.h"
#include "testing/temporary_folder.h"
#include "testing/wait_until.h"
#include "veille/calls/v1/call_service.grpc.pb.h"
#include "veille/calls/v1/volunteer_service.grpc.pb.h"
#include "veille/partner/v1/referral_inbox_service.grpc.pb.h"
#include "veille/referral/v1/partner_directory_service.grpc.pb.h"
#include "veille/referral/v1/referral_service.grpc.pb.h"
#include "veillectl/client/input.h"

namespace veille::e2e {

inline constexpr absl::Duration kPatience = absl::Seconds(30);

struct Language {
  std::string name;
  std::string interpreter;
  std::string ending;

  friend void PrintTo(const Language& language, std::ostream* out) { *out << language.name; }
};

inline std::vector<Language> Languages() {
  return {{"node", "node", ".js"}, {"python", "/usr/bin/python3", ".py"}};
}
struct NameOfLanguage {
  std::string operator()(const ::testing::TestParamInfo<Language>& language) const {
    return language.param.name;
  }
};

using Environment = std::vector<std::pair<std::string, std::string>>;

// Says it is the referral service, with whatever certificate.
class SelfStyledReferral final : public veillectl::Proof {
 public:
  explicit SelfStyledReferral(std::shared_ptr<grpc::ChannelCredentials> credentials)
      : credentials_(std::move(credentials)) {}

  std::shared_ptr<grpc::ChannelCredentials> credentials() const override { return credentials_; }
  absl::Status Attach(const veillectl::Identity& identity,
                      grpc::ClientContext& context) const override {
    return veillectl::ClaimedIdentity().Attach(identity, context);
  }

 private:
  const std::shared_ptr<grpc::ChannelCredentials> credentials_;
};

class ClientsTest : public ::testing::TestWithParam<Language> {
 protected:
  static void SetUpTestSuite() { programme_ = std::make_unique<Programme>(); }
  static void TearDownTestSuite() { programme_.reset(); }

  void SetUp() override {
    if (!std::filesystem::exists(Folder() + "/ready")) {
      GTEST_SKIP() << "*** SKIPPED: the clients in " << GetParam().name
                   << ": tests/clients/prepare has not made them ready. ***";
    }
    ASSERT_THAT(story_.CreateLandlord(), testing::IsOk());
  }

  static std::string Folder() { return absl::StrCat(VEILLE_CLIENTS, "/", GetParam().name); }

  // Errors go where the output goes.
  static std::unique_ptr<testing::Subprocess> Run(const std::string& client,
                                                  const std::string& argument,
                                                  Environment environment) {
    const std::string file = absl::StrCat(Folder(), "/", client, GetParam().ending);
    environment.emplace_back("PYTHONUNBUFFERED", "1");
    environment.emplace_back("GRPC_VERBOSITY", "NONE");  // gRPC's words on connections that fail
    return std::make_unique<testing::Subprocess>(
        std::vector<std::string>{"/bin/sh", "-c", "exec \"$@\" 2>&1", "sh", GetParam().interpreter,
                                 file, argument},
        environment);
  }

  // By its name: Node wants no address where TLS expects one.
  static std::string Address(Service service) {
    return absl::StrReplaceAll(programme_->address(service), {{"127.0.0.1", "localhost"}});
  }
  static const veillectl::DevAuthority& authority() { return *programme_->authority(); }

  std::string Token(const std::string& role, const std::string& subject,
                    const std::string& partner = "") const {
    const auto token =
        authority().Token(role, subject, story_.landlord_id, partner, absl::Minutes(10));
    EXPECT_THAT(token, testing::IsOk());
    return token.value_or("");
  }

  std::unique_ptr<testing::Subprocess> RunVolunteer(const std::string& campaign,
                                                    const std::string& subject) const {
    return Run("volunteer", campaign,
               {{"VEILLE_CALLS_ADDRESS", Address(Service::kCalls)},
                {"VEILLE_TLS_AUTHORITY", authority().Path("authority.pem")},
                {"VEILLE_TOKEN_FILE", folder_.Write(subject, Token("volunteer", subject) + "\n")}});
  }

  // The partner's machine, told by gRPC. Without a file for its token it calls with its
  // certificate.
  std::unique_ptr<testing::Subprocess> RunInbox(const std::string& token_file = "") const {
    return RunPartner("partner_inbox", {{"VEILLE_TOKEN_FILE", token_file}});
  }
  // The same when it has worked off what was told before, so that it acts on notices only.
  std::unique_ptr<testing::Subprocess> StartInbox() const { return WorkedOff(RunInbox()); }
  // The one that is told by webhook.
  std::unique_ptr<testing::Subprocess> StartWebhook(const std::string& key) const {
    return WorkedOff(RunPartner(
        "webhook_inbox", {{"VEILLE_WEBHOOK_KEY_FILE", folder_.Write("webhook.key", key + "\n")}}));
  }
  std::unique_ptr<testing::Subprocess> WorkedOff(std::unique_ptr<testing::Subprocess> inbox) const {
    EXPECT_EQ(inbox->WaitForLine("SERVING ", kPatience), inbox_address_);
    return inbox;
  }
  std::unique_ptr<testing::Subprocess> RunPartner(const std::string& client,
                                                  Environment environment) const {
    EXPECT_THAT(authority().IssuePartner(*ids::LandlordId::Parse(story_.landlord_id),
                                         *ids::PartnerId::Parse(story_.partner_id)),
                testing::IsOk());
    const tls::Files files = PartnerFiles();
    environment.insert(environment.end(), {{"VEILLE_REFERRAL_ADDRESS", Address(Service::kReferral)},
                                           {"VEILLE_LANDLORD", story_.landlord_id},
                                           {"VEILLE_PARTNER", story_.partner_id},
                                           {"VEILLE_TLS_AUTHORITY", files.authority},
                                           {"VEILLE_TLS_CERTIFICATE", files.certificate},
                                           {"VEILLE_TLS_KEY", files.key}});
    return Run(client, inbox_address_, std::move(environment));
  }
  tls::Files PartnerFiles() const { return authority().FilesOf("partner-" + story_.partner_id); }
  std::string PartnerToken() const { return Token("partner", "ccas", story_.partner_id); }

  // A notice to the inbox, by somebody who says he is the referral service of the landlord.
  absl::StatusOr<partner::v1::DeliverReferralResponse> Deliver(
      const partner::v1::DeliverReferralRequest& request, const std::string& landlord,
      std::shared_ptr<grpc::ChannelCredentials> credentials) const {
    return veillectl::Connection(inbox_address_, {"service", "referral", landlord, ""},
                                 std::make_shared<SelfStyledReferral>(std::move(credentials)),
                                 kPatience)
        .Call(&partner::v1::ReferralInboxService::Stub::DeliverReferral, request);
  }
  static std::shared_ptr<grpc::ChannelCredentials> CredentialsOf(const tls::Files& files) {
    const auto credentials = tls::ChannelCredentials(files);
    EXPECT_THAT(credentials, testing::IsOk());
    return *credentials;
  }

  static partner::v1::DeliverReferralRequest Notice(const std::string& referral) {
    partner::v1::DeliverReferralRequest request;
    request.set_delivery_id(NewId());
    request.set_referral_id(referral);
    request.set_assignment_fence(1);
    request.set_version(1);
    return request;
  }

  void RegisterPartner() { Register(inbox_address_); }

  // The answer has the key of its webhooks, if it is told by webhook.
  referral::v1::RegisterPartnerResponse Register(const std::string& endpoint,
                                                 bool on_trial = false) {
    referral::v1::RegisterPartnerRequest request;
    request.set_request_id(NewId());
    EXPECT_THAT(veillectl::ReadMessage(SamplePath("partner.json"), request.mutable_partner()),
                testing::IsOk());
    request.mutable_partner()->set_endpoint(endpoint);
    request.set_on_trial(on_trial);
    const auto registered =
        story_.As(Service::kReferral, "coordinator")
            .Call(&referral::v1::PartnerDirectoryService::Stub::RegisterPartner, request);
    EXPECT_THAT(registered, testing::IsOk());
    if (!registered.ok()) return {};
    story_.partner_id = registered->partner().partner_id();
    return *registered;
  }

  // What `veillectl partner verify` tells of the registered partner.
  Result Verify(Arguments options) const {
    Arguments arguments = {"partner", "verify", story_.partner_id};
    arguments.insert(arguments.end(), options.begin(), options.end());
    return Veillectl(*programme_, story_.landlord_id, std::move(arguments));
  }

  // A running campaign with two households.
  void OpenCampaign() {
    ASSERT_THAT(story_.ImportRegister(), testing::IsOk());
    ASSERT_THAT(story_.PublishScript(), testing::IsOk());
    ASSERT_THAT(story_.CreateCampaign(), testing::IsOk());
    ASSERT_THAT(story_.OpenCampaign(), testing::IsOk());
  }

  void Enrol(const std::string& subject) {
    calls::v1::EnrolVolunteerRequest request;
    request.set_request_id(NewId());
    request.mutable_volunteer()->set_subject(subject);
    request.mutable_volunteer()->set_display_name(subject);
    request.mutable_volunteer()->add_languages("fr");
    ASSERT_THAT(story_.As(Service::kCalls, "coordinator")
                    .Call(&calls::v1::VolunteerService::Stub::EnrolVolunteer, request),
                testing::IsOk());
  }

  veillectl::Connection Volunteer(const std::string& subject) const {
    return programme_->Connect(Service::kCalls, {"volunteer", subject, story_.landlord_id, ""});
  }

  // Takes a household, so that nobody else is given it.
  calls::v1::Lease Hold(const std::string& subject) {
    Enrol(subject);
    calls::v1::LeaseNextCallRequest request;
    request.set_request_id(NewId());
    request.set_campaign_id(story_.campaign.campaign_id());
    const auto leased =
        Volunteer(subject).Call(&calls::v1::CallService::Stub::LeaseNextCall, request);
    EXPECT_THAT(leased, testing::IsOk());
    return leased.ok() ? leased->call_sheet().lease() : calls::v1::Lease();
  }
  void Release(const std::string& subject, const calls::v1::Lease& lease) {
    calls::v1::ReleaseLeaseRequest request;
    request.set_request_id(NewId());
    request.set_campaign_id(lease.campaign_id());
    request.set_lease_id(lease.lease_id());
    request.set_fence(lease.fence());
    EXPECT_THAT(Volunteer(subject).Call(&calls::v1::CallService::Stub::ReleaseLease, request),
                testing::IsOk());
  }

  // What the coordinator sees of the landlord's one referral, once it is completed.
  referral::v1::Referral AwaitCompleted() {
    const bool completed = testing::WaitUntil(
        [this] {
          const auto listed = story_.Referrals();
          return listed.ok() && listed->referrals_size() == 1 &&
                 listed->referrals(0).state() == common::v1::REFERRAL_STATE_COMPLETED;
        },
        kPatience);
    EXPECT_TRUE(completed);
    const auto listed = story_.Referrals();
    if (!listed.ok() || listed->referrals_size() != 1) return {};
    story_.referral_id = listed->referrals(0).referral_id();
    const auto referral = story_.Referral();
    EXPECT_THAT(referral, testing::IsOk());
    return referral.ok() ? referral->referral() : referral::v1::Referral();
  }

  // The events of an inbox about one referral, once it was told to end.
  static std::vector<std::string> End(testing::Subprocess& inbox, const std::string& referral) {
    inbox.Kill(SIGTERM);
    std::vector<std::string> events;
    for (const auto line : absl::StrSplit(inbox.ReadAll(), '\n', absl::SkipEmpty())) {
      const std::vector<std::string> words = absl::StrSplit(line, ' ');
      EXPECT_GE(words.size(), 2u) << line;
      if (words.size() < 2 || words[0] == "SERVING") continue;
      EXPECT_EQ(words[1], referral) << line;
      events.push_back(words[0]);
    }
    EXPECT_EQ(inbox.Wait(kPatience), 0);
    return events;
  }

  // Whatever was told how often.
  static auto ActedOnce() {
    return ::testing::AllOf(::testing::Contains("fetched").Times(1),
                            ::testing::Contains("accepted").Times(1),
                            ::testing::Contains("closed").Times(1));
  }

  static std::string NewId() { return ids::Uuid::Random().ToString(); }

  static inline std::unique_ptr<Programme> programme_;
  Story story_{*programme_};
  const testing::TemporaryFolder folder_;
  const std::string inbox_address_ = absl::StrCat("127.0.0.1:", FreePort());
};

}  // namespace veille::e2e
