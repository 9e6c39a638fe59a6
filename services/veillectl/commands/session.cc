#include "veillectl/commands/session.h"

#include <pwd.h>
#include <unistd.h>

#include <iostream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "common/config/address.h"
#include "common/identity/proven_authenticator.h"
#include "common/ids/uuid.h"
#include "common/status/macros.h"
#include "veillectl/client/failure.h"
#include "veillectl/client/output.h"

namespace veille::veillectl {
namespace {

std::string LoginName() {
  const passwd* user = getpwuid(geteuid());
  return user == nullptr ? "veillectl" : user->pw_name;
}

}  // namespace

void Session::DeclareOptions(CLI::App& app) {
  const auto option = [&app](const std::string& name, std::string& value, const std::string& about,
                             const std::string& variable) {
    return app.add_option(name, value, about)->envname(variable);
  };
  option("--landlord", landlord_, "the landlord whose data it is about", "VEILLE_LANDLORD")
      ->type_name("ID")
      ->check(IsUuid());
  option("--as", role_, "another role than the command's own", "VEILLE_AS")
      ->type_name("ROLE")
      ->check(CLI::IsMember({"volunteer", "coordinator", "dpo", "operator", "partner"})
                  .description("volunteer, coordinator, dpo, operator or partner"));
  option("--subject", subject_, "who you are (your login name)", "VEILLE_SUBJECT")
      ->type_name("WHO");
  option("--partner", partner_, "which partner you are: desk, partner-inbox", "VEILLE_PARTNER")
      ->type_name("ID")
      ->check(IsUuid());
  option("--tls-authority", files_.authority, "who signs the services' certificates (PEM)",
         "VEILLE_TLS_AUTHORITY")
      ->type_name("FILE");
  option("--token-file", token_file_, "your access token: a file of mode 0600", "VEILLE_TOKEN_FILE")
      ->type_name("FILE");
  option("--tls-certificate", files_.certificate, "a partner's own certificate (PEM)",
         "VEILLE_TLS_CERTIFICATE")
      ->type_name("FILE");
  option("--tls-key", files_.key, "its key (PEM, mode 0600)", "VEILLE_TLS_KEY")->type_name("FILE");
  option("--trust-domain", trust_domain_, "of the services' SPIFFE IDs: partner-inbox",
         "VEILLE_TRUST_DOMAIN")
      ->type_name("NAME")
      ->capture_default_str();
  option("--dev-authority", dev_authority_,
         "a folder of `dev-certs`: be whoever --as and --subject say", "VEILLE_DEV_AUTHORITY")
      ->type_name("FOLDER");
  option("--registry-address", registry_address_, "the tenant registry", "VEILLE_REGISTRY_ADDRESS")
      ->type_name("ADDRESS")
      ->capture_default_str();
  option("--calls-address", calls_address_, "call tracking", "VEILLE_CALLS_ADDRESS")
      ->type_name("ADDRESS")
      ->capture_default_str();
  option("--referral-address", referral_address_, "the referral service", "VEILLE_REFERRAL_ADDRESS")
      ->type_name("ADDRESS")
      ->capture_default_str();
  option("--timeout", timeout_, "how long to wait for an answer", "VEILLE_TIMEOUT")
      ->type_name("DURATION")
      ->capture_default_str();
  app.add_option("--request-id", request_id_,
                 "repeat a command that got no answer: the same id is not done twice")
      ->type_name("ID")
      ->check(IsUuid());
  app.add_flag("--json", json_, "print answers and errors as JSON");
}

void Session::AddReason(CLI::App& command) {
  command
      .add_option(
          "--reason", reason_,
          "why you look outside your own work: a case or task, no person; kept in the audit "
          "trail")
      ->type_name("WHY");
}

void Session::On(CLI::App* command, Action action) {
  command->callback([this, action = std::move(action)] { action_ = action; });
}

int Session::Run() {
  const absl::Status status = action_();
  std::cout.flush();
  if (status.ok()) return kDone;
  const std::string repeatable = mutation_ ? request_id_ : "";
  std::cerr << (json_ ? ExplainAsJson(status, repeatable) : Explain(status, repeatable));
  return ExitCodeOf(status);
}

absl::StatusOr<Connection> Session::Connect(const std::string& option, const std::string& address,
                                            const std::string& role,
                                            const std::string& subject) const {
  Identity identity{role_.empty() ? role : role_, subject.empty() ? LoginName() : subject,
                    landlord_, partner_, reason_};
  if (identity.role != "operator" && landlord_.empty()) {
    return UsageError(
        "which landlord? Give --landlord ID, or set VEILLE_LANDLORD (landlord create prints it)");
  }
  if (identity.role == "operator") identity.landlord.clear();
  if (identity.role == "partner" && partner_.empty()) {
    return UsageError(
        "which partner? Give --partner ID, or set VEILLE_PARTNER (partner list prints them)");
  }
  if (identity.role != "partner") identity.partner.clear();
  absl::Duration timeout;
  if (!absl::ParseDuration(timeout_, &timeout) || timeout <= absl::ZeroDuration()) {
    return UsageError("--timeout takes a duration such as 10s or 2m");
  }
  if (proof_ == nullptr) {
    ASSIGN_OR_RETURN(proof_, OpenProof());
  }
  // What is sent is personal.
  const absl::Status written = proof_->tls() ? config::CheckAddress(option, address)
                                             : config::CheckLoopback(option, address);
  if (!written.ok()) return UsageError(std::string(written.message()));
  grpc::ClientContext probe;
  const absl::Status shown = proof_->Attach(identity, probe);
  if (!shown.ok()) return UsageError(std::string(shown.message()));
  return Connection(address, std::move(identity), proof_, timeout);
}

absl::StatusOr<std::shared_ptr<const Proof>> Session::OpenProof() const {
  absl::StatusOr<std::shared_ptr<const Proof>> proof;
  if (!dev_authority_.empty()) {
    proof = DevIdentity::Open(dev_authority_);
  } else if (!files_.authority.empty()) {
    proof = TokenOrCertificate::Open(files_, token_file_);
  } else if (!token_file_.empty() || !files_.certificate.empty()) {
    return UsageError("a token or certificate needs TLS: give --tls-authority too");
  } else {
    return std::make_shared<ClaimedIdentity>();
  }
  if (!proof.ok()) return UsageError(std::string(proof.status().message()));
  return proof;
}

std::string Session::Authority() const {
  return dev_authority_.empty() ? files_.authority : dev_authority_ + "/authority.pem";
}

absl::StatusOr<tls::Files> Session::FilesToListen() const {
  if (dev_authority_.empty()) return files_;
  ASSIGN_OR_RETURN(const DevAuthority authority, DevAuthority::Open(dev_authority_));
  const auto landlord = ids::LandlordId::Parse(landlord_);
  const auto partner = ids::PartnerId::Parse(partner_);
  if (!landlord.has_value() || !partner.has_value()) {
    return UsageError("whose machine is it? Give --landlord ID and --partner ID");
  }
  RETURN_IF_ERROR(authority.IssuePartner(*landlord, *partner));
  return authority.FilesOf("partner-" + partner->ToString());
}

absl::StatusOr<Session::Listening> Session::Listen(const std::string& address) const {
  if (dev_authority_.empty() && files_.authority.empty()) {
    const absl::Status loopback = config::CheckLoopback("--listen", address);
    if (!loopback.ok()) return UsageError(std::string(loopback.message()));
    return Listening{grpc::InsecureServerCredentials(),
                     std::make_shared<rpc::BelievingAuthenticator>()};
  }
  ASSIGN_OR_RETURN(const tls::Files files, FilesToListen());
  auto credentials = tls::ServerCredentials(files);
  if (!credentials.ok()) return UsageError(std::string(credentials.status().message()));
  return Listening{*std::move(credentials),
                   std::make_shared<identity::ProvenAuthenticator>(trust_domain_, nullptr)};
}

absl::StatusOr<Connection> Session::Registry(const std::string& role) const {
  return Connect("--registry-address", registry_address_, role, subject_);
}

absl::StatusOr<Connection> Session::Calls(const std::string& role) const {
  return Connect("--calls-address", calls_address_, role, subject_);
}

absl::StatusOr<Connection> Session::Referral(const std::string& role) const {
  return Connect("--referral-address", referral_address_, role, subject_);
}

absl::StatusOr<Connection> Session::CallsAs(const std::string& role,
                                            const std::string& subject) const {
  return Connect("--calls-address", calls_address_, role, subject);
}

const std::string& Session::RequestId() {
  mutation_ = true;
  if (request_id_.empty()) request_id_ = ids::RequestId::Random().ToString();
  return request_id_;
}

void Session::Print(const google::protobuf::Message& message,
                    const std::function<void(std::ostream&)>& print) const {
  if (json_) {
    std::cout << AsJson(message);
  } else {
    print(std::cout);
  }
}

void DeclareCommands(CLI::App& app, Session& session) {
  app.fallthrough();  // inherited: the options may stand after the command too
  DeclareLandlord(app, session);
  DeclareImport(app, session);
  DeclareHousehold(app, session);
  DeclareCohort(app, session);
  DeclareScript(app, session);
  DeclareCampaign(app, session);
  DeclareExplain(app, session);
  DeclareVolunteer(app, session);
  DeclareCall(app, session);
  DeclarePartner(app, session);
  DeclareReferral(app, session);
  DeclareDecision(app, session);
  DeclareWorklist(app, session);
  DeclareDesk(app, session);
  DeclarePartnerInbox(app, session);
  DeclareSimulate(app, session);
  DeclareAudit(app, session);
  DeclareDevCertificates(app, session);
  DeclareDevToken(app, session);
}

CLI::Validator IsUuid() {
  return CLI::Validator(
      [](std::string& text) {
        return ids::Uuid::Parse(text).has_value() ? std::string()
                                                  : std::string(
                                                        "expected an id of 36 characters, such as "
                                                        "01931f60-8a4e-7c3e-9d1b-0e6f2a7b4c5d");
      },
      "");
}

absl::StatusOr<common::v1::Date> ParseDay(const std::string& option, const std::string& text) {
  absl::CivilDay day;
  if (!absl::ParseCivilTime(text, &day)) {
    return UsageError(option + " takes a day such as 2020-03-17");
  }
  common::v1::Date date;
  date.set_year(static_cast<int32_t>(day.year()));
  date.set_month(day.month());
  date.set_day(day.day());
  return date;
}

absl::StatusOr<google::protobuf::Timestamp> ParseMoment(const std::string& text) {
  absl::Time time;
  std::string error;
  if (!absl::ParseTime("%Y-%m-%d", text, absl::LocalTimeZone(), &time, &error) &&
      !absl::ParseTime(absl::RFC3339_full, text, &time, &error)) {
    return UsageError(
        absl::StrCat("'", text, "' is no time: write 2020-03-17 or 2020-03-17T08:00:00+01:00"));
  }
  google::protobuf::Timestamp timestamp;
  timestamp.set_seconds(absl::ToUnixSeconds(time));
  return timestamp;
}

}  // namespace veille::veillectl
