#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/macros.h"
#include "veille/referral/v1/partner_directory_service.grpc.pb.h"
#include "veillectl/client/input.h"
#include "veillectl/client/output.h"
#include "veillectl/commands/paging.h"
#include "veillectl/commands/partner_changes.h"
#include "veillectl/commands/partner_coverage.h"
#include "veillectl/commands/partner_key.h"
#include "veillectl/commands/partner_verify.h"
#include "veillectl/commands/session.h"

namespace veille::veillectl {
namespace {

using Directory = referral::v1::PartnerDirectoryService::Stub;

std::string CapacityOf(const referral::v1::Partner& partner) {
  return partner.capacity() == 0 ? "no limit" : absl::StrCat(partner.capacity());
}

std::string ToldAt(const referral::v1::Partner& partner) {
  return partner.endpoint().empty() ? "by hand" : partner.endpoint();
}

// "+33561000009 (duty officer)"
std::string SecondContactOf(const referral::v1::Partner& partner) {
  const referral::v1::PartnerContact& second = partner.second_contact();
  if (second.role().empty()) return second.phone();
  return absl::StrCat(second.phone(), " (", second.role(), ")");
}

std::string PartnerNeedsOf(const referral::v1::Coverage& coverage) {
  return absl::StrJoin(coverage.needs(), ", ", [](std::string* text, int need) {
    absl::StrAppend(text, NameOf(static_cast<common::v1::Need>(need)));
  });
}

// A département has hundreds: so many in a line.
void PrintCommunes(const referral::v1::Coverage& coverage, std::ostream& out) {
  constexpr int kPerLine = 14;
  for (int i = 0; i < coverage.commune_codes_size(); ++i) {
    const char* before = i == 0 ? "  in        " : i % kPerLine == 0 ? "\n            " : " ";
    out << before << coverage.commune_codes(i);
  }
  out << "\n";
}

void PrintPartner(const referral::v1::Partner& partner, std::ostream& out) {
  out << "Partner " << partner.name() << ": " << partner.partner_id() << "\n  kind      "
      << NameOf(partner.kind()) << ", " << NameOf(partner.state());
  if (partner.suspension() != referral::v1::PARTNER_SUSPENSION_UNSPECIFIED) {
    out << " (" << NameOf(partner.suspension()) << ")";
  }
  out << ", takes " << NameOf(partner.intake()) << "\n  told      " << ToldAt(partner);
  if (!partner.contact_phone().empty()) out << ", phone " << partner.contact_phone();
  if (partner.has_second_contact()) out << "\n  then      " << SecondContactOf(partner);
  out << "\n  open      " << partner.open_referrals() << " referrals, capacity "
      << CapacityOf(partner) << "\n";
  for (const referral::v1::Coverage& coverage : partner.coverage()) {
    out << "  covers    " << PartnerNeedsOf(coverage) << "\n";
    PrintCommunes(coverage, out);
  }
}

void PrintRegistered(const referral::v1::Partner& partner, std::ostream& out) {
  out << "Partner " << partner.name() << ": " << partner.partner_id() << "\n";
  for (const referral::v1::Coverage& coverage : partner.coverage()) {
    out << "  covers " << PartnerNeedsOf(coverage) << "\n  in " << coverage.commune_codes_size()
        << (coverage.commune_codes_size() == 1 ? " commune\n" : " communes\n");
  }
  out << "  told " << (partner.endpoint().empty() ? "by hand" : "at " + partner.endpoint())
      << "\nNext: `veillectl partner coverage --campaign ID` shows what nobody covers yet.\n";
}

struct RegisterArguments {
  std::string file;
  std::string endpoint;
  bool on_trial = false;
};

absl::Status Register(Session& session, const RegisterArguments& arguments,
                      referral::v1::SigningAlgorithm algorithm) {
  ASSIGN_OR_RETURN(const Connection referral, session.Referral("coordinator"));
  referral::v1::RegisterPartnerRequest request;
  RETURN_IF_ERROR(ReadMessage(arguments.file, request.mutable_partner()));
  request.set_request_id(session.RequestId());
  if (!arguments.endpoint.empty()) request.mutable_partner()->set_endpoint(arguments.endpoint);
  request.set_on_trial(arguments.on_trial);
  request.set_signing_algorithm(algorithm);
  ASSIGN_OR_RETURN(const referral::v1::RegisterPartnerResponse response,
                   referral.Call(&Directory::RegisterPartner, request));
  session.Print(response, [&](std::ostream& out) {
    PrintRegistered(response.partner(), out);
    PrintKey(response.signing_key(), out);
    if (response.partner().state() == referral::v1::PARTNER_STATE_TESTING) {
      out << "It is on trial: `veillectl partner verify " << response.partner().partner_id()
          << "` once its machine runs.\n";
    }
  });
  return absl::OkStatus();
}

absl::Status ListPartners(Session& session, const Paging& paging) {
  ASSIGN_OR_RETURN(const Connection referral, session.Referral("coordinator"));
  ASSIGN_OR_RETURN(
      const referral::v1::ListPartnersResponse response,
      ListPages(referral, &Directory::ListPartners, referral::v1::ListPartnersRequest(), paging));
  session.Print(response, [&](std::ostream& out) {
    if (response.partners().empty()) {
      out << "No partner yet: register one with `veillectl partner register FILE`.\n";
      return;
    }
    Table table({"PARTNER", "KIND", "STATE", "OPEN", "CAPACITY", "TOLD AT", "NAME"});
    for (const referral::v1::Partner& partner : response.partners()) {
      table.Add({partner.partner_id(), NameOf(partner.kind()), NameOf(partner.state()),
                 absl::StrCat(partner.open_referrals()), CapacityOf(partner), ToldAt(partner),
                 partner.name()});
    }
    out << table;
    PrintMore(response.next_page_token(), out);
  });
  return absl::OkStatus();
}

absl::Status ShowPartner(Session& session, const std::string& id) {
  ASSIGN_OR_RETURN(const Connection referral, session.Referral("coordinator"));
  referral::v1::GetPartnerRequest request;
  request.set_partner_id(id);
  ASSIGN_OR_RETURN(const referral::v1::GetPartnerResponse response,
                   referral.Call(&Directory::GetPartner, request));
  session.Print(response, [&](std::ostream& out) {
    PrintPartner(response.partner(), out);
    if (response.has_last_test()) PrintTest(response.last_test(), out);
  });
  return absl::OkStatus();
}

void DeclareRegister(CLI::App& group, Session& session) {
  CLI::App* command = group.add_subcommand("register", "Registers a partner");
  command->footer(R"(
FILE is the JSON of a veille.referral.v1.Partner: name, kind, coverage (communes and needs), and
endpoint or contact_phone. deploy/samples/partner.json is one. A partner with an endpoint is pushed
to (`veillectl partner-inbox` is a sample of such a machine), at https://… by signed webhooks, whose
key the answer shows; one without is told by hand: each of
its cases stands on the worklist with the number to call, and `veillectl referral record-answer`
records what it answers. A second_contact (role and phone) is telephoned when a case was not
accepted in time, before another partner is asked. Its capacity is how many open
referrals it takes; the next covering partner gets what is beyond. Of several partners that cover a
need in a commune the first by name comes first. Entries in the municipal register
(NEED_MUNICIPAL_REGISTER) are for partners of kind TOWN_HALL alone.)");
  const auto arguments = std::make_shared<RegisterArguments>();
  command->add_option("FILE", arguments->file, "the partner; - is standard input")->required();
  command
      ->add_option("--endpoint", arguments->endpoint, "where its inbox listens, unless in the file")
      ->type_name("ADDRESS");
  command->add_flag("--on-trial", arguments->on_trial,
                    "give it no case before its machine has passed a test: `partner verify`");
  const auto algorithm = DeclareSigning(*command);
  session.On(command, [&session, arguments, algorithm] {
    return Register(session, *arguments, *algorithm);
  });
}

}  // namespace

void DeclarePartner(CLI::App& app, Session& session) {
  CLI::App* group = app.add_subcommand("partner", "The organisations that can help");
  group->require_subcommand(1);
  DeclareRegister(*group, session);
  DeclareRotateKey(*group, session);

  CLI::App* list = group->add_subcommand("list", "Lists partners in the order of registration");
  const auto paging = std::make_shared<Paging>();
  DeclarePaging(*list, *paging);
  session.On(list, [&session, paging] { return ListPartners(session, *paging); });

  CLI::App* show = group->add_subcommand("show", "Shows a partner and what it covers");
  const auto id = std::make_shared<std::string>();
  show->add_option("PARTNER", *id, "id of the partner")->required()->check(IsUuid());
  session.On(show, [&session, id] { return ShowPartner(session, *id); });
  DeclarePartnerChanges(*group, session);
  DeclarePartnerVerify(*group, session);
  DeclareCoverage(*group, session);
}

}  // namespace veille::veillectl
