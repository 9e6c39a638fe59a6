// Who may call what, over TLS, at the real services: every method × every kind of caller, made from
// the contract, so that a new method is tried without a word here.

#include <gmock/gmock.h>
#include <grpcpp/create_channel.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/access/caller.h"
#include "common/ids/uuid.h"
#include "common/rpc/client.h"
#include "e2e/access_rules.h"
#include "e2e/contracts.h"
#include "e2e/story.h"
#include "testing/wait_until.h"
#include "veille/audit/v1/audit_service.grpc.pb.h"
#include "veille/common/v1/access.pb.h"
#include "veille/referral/v1/partner_directory_service.grpc.pb.h"
#include "veille/registry/v1/registry_service.grpc.pb.h"

namespace veille::e2e {
namespace {

using google::protobuf::MethodDescriptor;
using ::testing::AnyOf;
using veillectl::Identity;
using veillectl::Proof;
namespace pb = ::veille::common::v1;

std::string NewId() { return ids::Uuid::Random().ToString(); }

// By what was reviewed, never by what the contract says of itself.
bool Allowed(const MethodDescriptor& method, const Identity& identity) {
  static const AccessRules reviewed = AccessRules::Reviewed();
  return reviewed.Allow(method, identity);
}

bool NeedsReason(const MethodDescriptor& method, const Identity& identity) {
  const auto& from = method.options().GetExtension(pb::access).reason_from();
  return std::find(from.begin(), from.end(), access::ParseRole(identity.role)) != from.end();
}

bool Reads(const MethodDescriptor& method) {
  for (const char* verb : {"Get", "List", "Explain", "Search", "Find"}) {
    if (absl::StartsWith(method.name(), verb)) return true;
  }
  return false;
}

class AccessTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { programme_ = std::make_unique<Programme>(); }
  static void TearDownTestSuite() { programme_.reset(); }

  std::string CreateLandlord() {
    registry::v1::CreateLandlordRequest request;
    request.set_request_id(NewId());
    request.set_name(absl::StrCat("Toit ", request.request_id()));
    const auto created = programme_->Connect(Service::kRegistry, {"operator", "ops", "", ""})
                             .Call(&registry::v1::RegistryService::Stub::CreateLandlord, request);
    EXPECT_TRUE(created.ok()) << created.status();
    return created.ok() ? created->landlord().landlord_id() : "";
  }

  // Over a connection of its own kind; `metadata` as it is.
  Answer Call(const Contract& contract, const MethodDescriptor& method, const std::string& bytes,
              const std::shared_ptr<grpc::ChannelCredentials>& credentials,
              const std::function<void(grpc::ClientContext&)>& prepare) {
    auto& channel = channels_[{contract.service, credentials}];
    if (channel == nullptr) {
      channel = grpc::CreateCustomChannel(programme_->address(contract.service), credentials,
                                          rpc::ChannelArguments());
    }
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
    prepare(context);
    return CallByName(channel, context, method, bytes);
  }

  Answer CallAs(const Identity& identity, const Contract& contract, const MethodDescriptor& method,
                const std::string& bytes) {
    const Proof& proof = ProofOf(identity);
    return Call(contract, method, bytes, proof.credentials(), [&](grpc::ClientContext& context) {
      EXPECT_TRUE(proof.Attach(identity, context).ok());
      if (NeedsReason(method, identity)) {
        context.AddMetadata("veille-reason", "who%20may%20see%20what");
      }
    });
  }

  // Tokens for people and partners; a certificate for a service.
  const Proof& ProofOf(const Identity& identity) {
    auto& proof = proofs_[identity.role == "service" ? identity.subject : ""];
    if (proof == nullptr) {
      const veillectl::DevAuthority& authority = *programme_->authority();
      auto opened = identity.role == "service" ? veillectl::TokenOrCertificate::Open(
                                                     authority.FilesOf(identity.subject), "")
                                               : veillectl::DevIdentity::Open(authority.Path(""));
      if (!opened.ok()) throw std::runtime_error(std::string(opened.status().message()));
      proof = *std::move(opened);
    }
    return *proof;
  }

  // Every method with its server.
  static std::vector<std::pair<Contract, const MethodDescriptor*>> Methods() {
    std::vector<std::pair<Contract, const MethodDescriptor*>> methods;
    for (const Contract& contract : Contracts()) {
      for (int i = 0; i < contract.descriptor->method_count(); ++i) {
        methods.emplace_back(contract, contract.descriptor->method(i));
      }
    }
    return methods;
  }

  static std::unique_ptr<Programme> programme_;
  std::map<std::string, std::shared_ptr<const Proof>> proofs_;
  std::map<std::pair<Service, std::shared_ptr<grpc::ChannelCredentials>>,
           std::shared_ptr<grpc::Channel>>
      channels_;
};

std::unique_ptr<Programme> AccessTest::programme_;

// A rule that was changed, a method that was added: the table says it, and somebody saw it.
TEST(AccessRulesTest, AreThoseThatWereReviewed) {
  const AccessRules reviewed = AccessRules::Reviewed();
  std::set<std::string> served;
  for (const Contract& contract : Contracts()) {
    for (int i = 0; i < contract.descriptor->method_count(); ++i) {
      const MethodDescriptor& method = *contract.descriptor->method(i);
      served.insert(method.full_name());
      const auto line = reviewed.lines().find(method.full_name());
      EXPECT_EQ(line == reviewed.lines().end() ? "" : line->second, AccessRules::LineOf(method))
          << method.full_name() << " in proto/access-rules.md";
    }
  }
  for (const auto& [method, line] : reviewed.lines()) {
    EXPECT_TRUE(served.contains(method)) << "nobody serves " << line;
  }
}

TEST_F(AccessTest, EachRoleMayCallWhatItsRuleSaysAndNothingElse) {
  const std::string landlord = CreateLandlord();
  const std::vector<Identity> callers = {{"volunteer", "ada", landlord, ""},
                                         {"coordinator", "grace", landlord, ""},
                                         {"dpo", "emmy", landlord, ""},
                                         {"operator", "ops", "", ""},
                                         {"partner", "ccas", landlord, NewId()},
                                         {"service", "tenant-registry", landlord, ""},
                                         {"service", "call-tracking", landlord, ""},
                                         {"service", "referral", landlord, ""}};
  int allowed = 0;
  int denied = 0;
  for (const auto& [contract, method] : Methods()) {
    for (const Identity& caller : callers) {
      const grpc::Status status = CallAs(caller, contract, *method, "").status;
      const std::string what =
          absl::StrCat(method->full_name(), " as ", caller.role, " ", caller.subject, ": code ",
                       status.error_code(), " ", status.error_message());
      if (Allowed(*method, caller)) {
        ++allowed;
        EXPECT_THAT(status.error_code(),
                    AnyOf(grpc::StatusCode::OK, grpc::StatusCode::INVALID_ARGUMENT,
                          grpc::StatusCode::NOT_FOUND, grpc::StatusCode::FAILED_PRECONDITION))
            << what;
      } else {
        ++denied;
        EXPECT_EQ(status.error_code(), grpc::StatusCode::PERMISSION_DENIED) << what;
        EXPECT_EQ(ReasonOf(status), "ACCESS_DENIED") << what;
      }
    }
  }
  // Each denial stands in the trail of the landlord whose caller it was.
  audit::v1::ListAuditEventsRequest request;
  request.set_only_denied(true);
  request.set_actor("ada");
  request.set_method("ListHouseholds");
  const auto dpo = programme_->Connect(Service::kRegistry, {"dpo", "emmy", landlord, ""});
  EXPECT_TRUE(testing::WaitUntil([&] {
    const auto events = dpo.Call(&audit::v1::AuditService::Stub::ListAuditEvents, request);
    return events.ok() && events->events_size() == 1;
  }));
  std::printf("%zu methods, %zu kinds of callers: %d allowed, %d denied\n", Methods().size(),
              callers.size(), allowed, denied);
  EXPECT_GT(allowed, 50);
  EXPECT_GT(denied, 5 * allowed / 2);
}

TEST_F(AccessTest, WhatACallSaysOfItselfProvesNothing) {
  const std::string landlord = CreateLandlord();
  const auto& authority = *programme_->authority();
  const auto anonymous = *tls::ChannelCredentials(authority.FilesOf(""));
  const auto edge = *tls::ChannelCredentials(authority.FilesOf("edge"));
  const auto claims = [&](grpc::ClientContext& context) {
    context.AddMetadata("veille-role", "coordinator");
    context.AddMetadata("veille-subject", "grace");
    context.AddMetadata("veille-landlord", landlord);
  };
  for (const auto& [contract, method] : Methods()) {
    EXPECT_EQ(Call(contract, *method, "", anonymous, claims).status.error_code(),
              grpc::StatusCode::UNAUTHENTICATED)
        << method->full_name();
    EXPECT_EQ(Call(contract, *method, "", edge, claims).status.error_code(),
              grpc::StatusCode::UNAUTHENTICATED)
        << method->full_name();
    EXPECT_EQ(
        Call(contract, *method, "", grpc::InsecureChannelCredentials(), claims).status.error_code(),
        grpc::StatusCode::UNAVAILABLE)
        << method->full_name() << " in clear text";
  }
}

// One method to try identities on: the coordinator's list of households.
class IdentityTest : public AccessTest {
 protected:
  grpc::Status List(const std::shared_ptr<grpc::ChannelCredentials>& credentials,
                    const std::function<void(grpc::ClientContext&)>& prepare) {
    const Contract contract = Contracts().front();
    return Call(contract, *contract.descriptor->FindMethodByName("ListHouseholds"), "", credentials,
                [&](grpc::ClientContext& context) {
                  prepare(context);
                  context.AddMetadata("veille-reason", "who%20may%20list%20households");
                })
        .status;
  }
  std::string Token(const std::string& role) const {
    return *programme_->authority()->Token(role, "grace", landlord_, "", absl::Minutes(5));
  }
  tls::Files Issue(const veillectl::Leaf& leaf) const {
    const auto issued = *programme_->authority()->certificates().Issue(leaf);
    const std::string name = NewId();  // files that change are taken up a while later
    return {folder_.Write(name + ".pem", issued.certificate),
            folder_.Write(name + ".key", issued.key),
            programme_->authority()->FilesOf("").authority};
  }

  const std::string landlord_ = CreateLandlord();
  const testing::TemporaryFolder folder_;
  const std::shared_ptr<grpc::ChannelCredentials> people_ =
      *tls::ChannelCredentials(programme_->authority()->FilesOf(""));
};

TEST_F(IdentityTest, ATokenMakesItsBearerWhatItGrants) {
  const auto with = [&](const std::string& token, const std::string& role = "") {
    return [token, role](grpc::ClientContext& context) {
      context.set_credentials(grpc::AccessTokenCredentials(token));
      if (!role.empty()) context.AddMetadata("veille-role", role);
    };
  };
  EXPECT_TRUE(List(people_, with(Token("coordinator"))).ok());
  EXPECT_TRUE(List(people_, with(Token("coordinator"), "coordinator")).ok());
  EXPECT_EQ(List(people_, with(Token("volunteer"))).error_code(),
            grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(List(people_, with(Token("volunteer"), "coordinator")).error_code(),
            grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(List(people_, with("not.a.token")).error_code(), grpc::StatusCode::UNAUTHENTICATED);
  // Nobody knows its key: refused, or put off until the issuer has been asked for it.
  const auto other = *veillectl::DevAuthority::Create(folder_.path() + "/other");
  EXPECT_THAT(
      List(people_, with(*other.Token("coordinator", "grace", landlord_, "", absl::Minutes(5))))
          .error_code(),
      AnyOf(grpc::StatusCode::UNAUTHENTICATED, grpc::StatusCode::UNAVAILABLE));
  // Through the edge the token decides too.
  const auto edge = *tls::ChannelCredentials(programme_->authority()->FilesOf("edge"));
  EXPECT_TRUE(List(edge, with(Token("coordinator"))).ok());
}

TEST_F(IdentityTest, OneCallerOneProof) {
  const auto service = *tls::ChannelCredentials(programme_->authority()->FilesOf("call-tracking"));
  EXPECT_EQ(List(service,
                 [&](grpc::ClientContext& context) {
                   context.set_credentials(grpc::AccessTokenCredentials(Token("coordinator")));
                 })
                .error_code(),
            grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(List(people_,
                 [&](grpc::ClientContext& context) {
                   context.AddMetadata("authorization", "Bearer " + Token("coordinator"));
                   context.AddMetadata("authorization", "Bearer " + Token("coordinator"));
                 })
                .error_code(),
            grpc::StatusCode::UNAUTHENTICATED);
}

TEST_F(IdentityTest, OnlyOurOwnCertificatesNameSomebody) {
  const auto as = [&](const std::vector<std::string>& uris) {
    veillectl::Leaf leaf = veillectl::DevLeaf("somebody", "service/call-tracking");
    leaf.uris = uris;
    const auto credentials = tls::ChannelCredentials(Issue(leaf));
    EXPECT_TRUE(credentials.ok()) << credentials.status();
    return List(*credentials,
                [&](grpc::ClientContext& context) {
                  context.AddMetadata("veille-landlord", landlord_);
                })
        .error_code();
  };
  // A service is known, and may not call this; nobody else is known.
  EXPECT_EQ(as({"spiffe://veille.internal/service/call-tracking"}),
            grpc::StatusCode::PERMISSION_DENIED);
  for (const auto& uris : std::vector<std::vector<std::string>>{
           {},
           {"spiffe://elsewhere.internal/service/call-tracking"},
           {"spiffe://veille.internal/service/call-tracking",
            "spiffe://veille.internal/service/referral"},
           {"spiffe://veille.internal/service"},
           {"spiffe://veille.internal/service/call-tracking/deeper"},
           {"spiffe://veille.internal/landlord/none/partner/none"},
           {"https://veille.internal/service/call-tracking"}}) {
    EXPECT_EQ(as(uris), grpc::StatusCode::UNAUTHENTICATED) << ::testing::PrintToString(uris);
  }
}

// What stands in the tables of one landlord; aside from trails, outboxes and what partners were
// told, which also reads leave.
std::map<std::string, std::string> ContentOf(Programme& programme, const std::string& landlord) {
  std::map<std::string, std::string> content;
  for (const Service service : kServices) {
    auto& database = programme.database(service);
    for (const auto& table : database.Query(
             "SELECT table_name FROM information_schema.columns WHERE column_name = 'landlord_id'"
             " AND table_schema = 'public' AND table_name NOT LIKE 'audit%'"
             " AND table_name NOT LIKE 'outbox%' AND table_name <> 'disclosures'")) {
      content[absl::StrCat(NameOf(service), ".", table[0])] = database.Value(absl::StrCat(
          "SELECT count(*) || ' ' || coalesce(md5(string_agg(t::text, '' ORDER BY t::text)), '')"
          " FROM ",
          table[0], " t WHERE landlord_id = '", landlord, "'"));
    }
  }
  return content;
}

TEST_F(AccessTest, AnotherLandlordsObjectsAreNotThere) {
  Story story(*programme_);
  for (const Story::Step& step : Story::Steps()) ASSERT_TRUE(Insist(story, step).ok()) << step.name;
  const Fields ids = {{"household_id", story.sheet.lease().household_id()},
                      {"tenant_id", story.subject().tenant_id()},
                      {"campaign_id", story.campaign.campaign_id()},
                      {"script_id", story.script_id},
                      {"volunteer_id", story.volunteer_id},
                      {"partner_id", story.partner_id},
                      {"referral_id", story.referral_id},
                      {"lease_id", story.sheet.lease().lease_id()},
                      {"finding_id", story.finding().finding_id()}};
  for (const auto& [name, id] : ids) ASSERT_FALSE(id.empty()) << name;
  const auto before = ContentOf(*programme_, story.landlord_id);

  const std::string other = CreateLandlord();
  const auto identities = [&](const std::string& landlord) {
    return std::vector<Identity>{{"volunteer", "somebody", landlord, ""},
                                 {"coordinator", "somebody", landlord, ""},
                                 {"dpo", "somebody", landlord, ""},
                                 {"partner", "machine", landlord, story.partner_id},
                                 {"service", "call-tracking", landlord, ""},
                                 {"service", "tenant-registry", landlord, ""},
                                 {"service", "referral", landlord, ""}};
  };
  // An error may say the id again that was sent to it.
  const auto tells = [&](const Answer& answer) {
    return std::any_of(ids.begin(), ids.end(),
                       [&](const auto& id) { return absl::StrContains(answer.bytes, id.second); });
  };
  int tried = 0;
  int told = 0;
  for (const auto& [contract, method] : Methods()) {
    for (const Identity& caller : identities(other)) {
      if (!Allowed(*method, caller)) continue;
      const Answer answer = CallAs(caller, contract, *method, RequestWith(*method, ids));
      ++tried;
      // The trail of its own people's attempts, of this test's: they named the ids.
      if (method->name() == "ListAuditEvents") continue;
      EXPECT_FALSE(tells(answer)) << method->full_name() << " as another landlord's "
                                  << caller.role;
    }
    if (!Reads(*method)) continue;
    for (const Identity& caller : identities(story.landlord_id)) {
      if (!Allowed(*method, caller)) continue;
      told += tells(CallAs(caller, contract, *method, RequestWith(*method, ids))) ? 1 : 0;
    }
  }
  std::printf("%d calls with another landlord's ids; its own people were told %d times\n", tried,
              told);
  EXPECT_GT(tried, 50);
  EXPECT_GT(told, 8);
  EXPECT_EQ(ContentOf(*programme_, story.landlord_id), before);
}

}  // namespace
}  // namespace veille::e2e
