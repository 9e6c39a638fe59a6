#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/macros.h"
#include "veille/referral/v1/partner_directory_service.grpc.pb.h"
#include "veillectl/client/input.h"
#include "veillectl/client/output.h"
#include "veillectl/commands/session.h"

namespace veille::veillectl {
namespace {

namespace pb = ::veille::referral::v1;
using Directory = pb::PartnerDirectoryService::Stub;

struct CoverageArguments {
  std::vector<std::string> communes;
  std::vector<std::string> needs;
};

absl::Status Register(Session& session, const std::string& file, const std::string& endpoint) {
  ASSIGN_OR_RETURN(const Connection referral, session.Referral("coordinator"));
  pb::RegisterPartnerRequest request;
  RETURN_IF_ERROR(ReadMessage(file, request.mutable_partner()));
  request.set_request_id(session.RequestId());
  if (!endpoint.empty()) request.mutable_partner()->set_endpoint(endpoint);
  ASSIGN_OR_RETURN(const pb::RegisterPartnerResponse response,
                   referral.Call(&Directory::RegisterPartner, request));
  session.Print(response, [&](std::ostream& out) {
    out << "Partner " << response.partner().name() << ": " << response.partner().partner_id()
        << "\n";
  });
  return absl::OkStatus();
}

absl::StatusOr<pb::ListPartnersResponse> AllPartners(const Connection& referral) {
  return referral.CallAllPages(&Directory::ListPartners, pb::ListPartnersRequest());
}

absl::Status List(Session& session) {
  ASSIGN_OR_RETURN(const Connection referral, session.Referral("coordinator"));
  ASSIGN_OR_RETURN(const pb::ListPartnersResponse response, AllPartners(referral));
  session.Print(response, [&](std::ostream& out) {
    Table table({"PARTNER", "KIND", "STATE", "OPEN", "CAPACITY", "TOLD AT", "NAME"});
    for (const pb::Partner& partner : response.partners()) {
      table.Add({partner.partner_id(), NameOf(partner.kind()), NameOf(partner.state()),
                 absl::StrCat(partner.open_referrals()),
                 partner.capacity() == 0 ? "no limit" : absl::StrCat(partner.capacity()),
                 partner.endpoint().empty() ? "by hand" : partner.endpoint(), partner.name()});
    }
    out << table;
  });
  return absl::OkStatus();
}

absl::Status Coverage(Session& session, const CoverageArguments& arguments) {
  ASSIGN_OR_RETURN(const Connection referral, session.Referral("coordinator"));
  pb::CheckCoverageRequest request;
  request.mutable_commune_codes()->Assign(arguments.communes.begin(), arguments.communes.end());
  for (const std::string& need : arguments.needs) {
    request.add_needs(ValueOf<common::v1::Need>(need));
  }
  ASSIGN_OR_RETURN(const pb::CheckCoverageResponse response,
                   referral.Call(&Directory::CheckCoverage, request));
  session.Print(response, [&](std::ostream& out) {
    Table table({"COMMUNE", "NEED", "PARTNERS, FIRST CHOICE FIRST"});
    for (const pb::CoverageAnswer& answer : response.answers()) {
      table.Add(
          {answer.commune_code(), NameOf(answer.need()),
           answer.partner_ids().empty() ? "nobody" : absl::StrJoin(answer.partner_ids(), " ")});
    }
    out << table;
  });
  return absl::OkStatus();
}

void DeclareRegister(CLI::App& group, Session& session) {
  CLI::App* command = group.add_subcommand("register", "Registers a partner");
  command->footer(
      "\nFILE is the JSON of a veille.referral.v1.Partner: name, kind, coverage (communes and\n"
      "needs), and endpoint or contact_phone. deploy/samples/partner.json is one.");
  const auto file = std::make_shared<std::string>();
  const auto endpoint = std::make_shared<std::string>();
  command->add_option("FILE", *file, "the partner; - is standard input")->required();
  command->add_option("--endpoint", *endpoint, "where its inbox listens, unless in the file")
      ->type_name("ADDRESS");
  session.On(command, [&session, file, endpoint] { return Register(session, *file, *endpoint); });
}

void DeclareCoverage(CLI::App& group, Session& session) {
  CLI::App* command = group.add_subcommand(
      "coverage", "Shows who would take each need in each commune, and where nobody would");
  const auto arguments = std::make_shared<CoverageArguments>();
  command->add_option("COMMUNE", arguments->communes, "INSEE codes, such as 31555")->required();
  command->add_option("--need", arguments->needs, "only these needs, such as meals (all)")
      ->type_name("NEED")
      ->check(IsOneOf<common::v1::Need>());
  session.On(command, [&session, arguments] { return Coverage(session, *arguments); });
}

}  // namespace

void DeclarePartner(CLI::App& app, Session& session) {
  CLI::App* group = app.add_subcommand("partner", "The organisations that can help");
  group->require_subcommand(1);
  DeclareRegister(*group, session);
  DeclareCoverage(*group, session);
  session.On(group->add_subcommand("list", "Lists the landlord's partners"),
             [&session] { return List(session); });
}

}  // namespace veille::veillectl
