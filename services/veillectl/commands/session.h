#pragma once

// What all commands share: the options before them, the connections, how results are printed.
//
// A command declares itself on the parser and says what it does; main parses and runs the one that
// was chosen:
//
//   session.On(campaign.add_subcommand("open", "…"), [&session, id] { return Open(session, *id);
//   });

#include <grpcpp/security/server_credentials.h>

#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/rpc/authenticator.h"
#include "google/protobuf/message.h"
#include "google/protobuf/timestamp.pb.h"
#include "veille/common/v1/civil.pb.h"
#include "veillectl/client/connection.h"
#include "veillectl/client/names.h"

namespace veille::veillectl {

class Session {
 public:
  using Action = std::function<absl::Status()>;

  // The options that stand for every command.
  void DeclareOptions(CLI::App& app);

  // --reason, for commands that show personal data outside the caller's own work.
  void AddReason(CLI::App& command);

  // What `command` does when it is the one that was given.
  void On(CLI::App* command, Action action);

  // Runs the command that was chosen, tells what went wrong, and gives the exit code.
  int Run();

  // Connections as `role`, unless --as says another.
  absl::StatusOr<Connection> Registry(const std::string& role) const;
  absl::StatusOr<Connection> Calls(const std::string& role) const;
  absl::StatusOr<Connection> Referral(const std::string& role) const;
  // As somebody else than --subject.
  absl::StatusOr<Connection> CallsAs(const std::string& role, const std::string& subject) const;

  const std::string& landlord() const { return landlord_; }
  const std::string& partner() const { return partner_; }

  // What a machine of the partner listens with, and how it tells who delivers.
  struct Listening {
    std::shared_ptr<grpc::ServerCredentials> credentials;
    std::shared_ptr<const rpc::Authenticator> authenticator;
  };
  // For `address`; without TLS it must be of this machine.
  absl::StatusOr<Listening> Listen(const std::string& address) const;

  // Who signs the services' certificates: a PEM file; empty without TLS.
  std::string Authority() const;
  // Who signs those of webhooks; empty: whom the system knows.
  std::string WebhookAuthority() const { return dev_authority_.empty() ? "" : Authority(); }

  // Whether answers are for programs.
  bool json() const { return json_; }

  // Whether --request-id was given.
  bool has_request_id() const { return !request_id_.empty(); }
  // The request id of this command's mutation: --request-id, or one of its own.
  const std::string& RequestId();

  // With --json the message, else what `print` writes.
  void Print(const google::protobuf::Message& message,
             const std::function<void(std::ostream&)>& print) const;

 private:
  absl::StatusOr<Connection> Connect(const std::string& option, const std::string& address,
                                     const std::string& role, const std::string& subject) const;

  absl::StatusOr<std::shared_ptr<const Proof>> OpenProof() const;
  absl::StatusOr<tls::Files> FilesToListen() const;

  tls::Files files_;
  std::string token_file_;
  std::string dev_authority_;
  std::string trust_domain_ = std::string(kDevTrustDomain);
  mutable std::shared_ptr<const Proof> proof_;  // from the first connection on
  std::string registry_address_ = "127.0.0.1:7001";
  std::string calls_address_ = "127.0.0.1:7002";
  std::string referral_address_ = "127.0.0.1:7003";
  std::string landlord_;
  std::string role_;
  std::string subject_;
  std::string partner_;
  std::string reason_;
  std::string timeout_ = "10s";
  std::string request_id_;
  bool json_ = false;
  bool mutation_ = false;
  Action action_;
};

// The checks of arguments, with messages that say what is expected.
CLI::Validator IsUuid();
template <typename Enum>
CLI::Validator IsOneOf() {
  return CLI::IsMember(AllNames<Enum>(), CLI::ignore_case);
}

// "2020-03-17"; `option` is what it was given for, for the message.
absl::StatusOr<common::v1::Date> ParseDay(const std::string& option, const std::string& text);

// "2020-03-17" or an RFC 3339 time; a date is the beginning of that day in the local time zone.
absl::StatusOr<google::protobuf::Timestamp> ParseMoment(const std::string& text);

// All commands; each group is declared in the file of its name.
void DeclareCommands(CLI::App& app, Session& session);
void DeclareLandlord(CLI::App& app, Session& session);
void DeclareImport(CLI::App& app, Session& session);
void DeclareHousehold(CLI::App& app, Session& session);
void DeclareCohort(CLI::App& app, Session& session);
void DeclareScript(CLI::App& app, Session& session);
void DeclareCampaign(CLI::App& app, Session& session);
void DeclareExplain(CLI::App& app, Session& session);
void DeclareVolunteer(CLI::App& app, Session& session);
void DeclareCall(CLI::App& app, Session& session);
void DeclarePartner(CLI::App& app, Session& session);
void DeclareReferral(CLI::App& app, Session& session);
void DeclareDecision(CLI::App& app, Session& session);
void DeclareWorklist(CLI::App& app, Session& session);
void DeclareDesk(CLI::App& app, Session& session);
void DeclarePartnerInbox(CLI::App& app, Session& session);
void DeclareSimulate(CLI::App& app, Session& session);
void DeclareAudit(CLI::App& app, Session& session);
void DeclareDevCertificates(CLI::App& app, Session& session);
void DeclareDevToken(CLI::App& app, Session& session);

}  // namespace veille::veillectl
