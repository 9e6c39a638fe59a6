#include "veillectl/commands/referral_statement.h"

#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "common/status/macros.h"
#include "veille/referral/v1/referral_service.grpc.pb.h"
#include "veillectl/client/output.h"
#include "veillectl/commands/paging.h"

namespace veille::veillectl {
namespace {

struct StatementArguments {
  std::string tenant;
  Paging paging;
};

// "family name" of person.family_name.
std::string LabelOf(const referral::v1::DisclosedField& field) {
  return absl::StrReplaceAll(field.name().substr(field.name().rfind('.') + 1), {{"_", " "}});
}

template <typename Enum>
bool WriteAsName(const std::string& value, std::string& plain) {
  const auto* known = google::protobuf::GetEnumDescriptor<Enum>()->FindValueByName(value);
  if (known == nullptr) return false;
  plain = absl::StrReplaceAll(NameOf(static_cast<Enum>(known->number())), {{"-", " "}});
  return true;
}

// As people say it: "home help", and text as it was sent.
std::string PlainValues(const referral::v1::DisclosedField& field) {
  std::vector<std::string> values(field.values().begin(), field.values().end());
  const std::string label = LabelOf(field);
  for (std::string& value : values) {
    if (label == "need") WriteAsName<common::v1::Need>(value, value);
    if (label == "urgency") WriteAsName<common::v1::Urgency>(value, value);
    if (label == "state") WriteAsName<common::v1::ReferralState>(value, value);
    if (label == "outcome") WriteAsName<common::v1::ReferralOutcome>(value, value);
  }
  return absl::StrJoin(values, "; ");
}

std::string WayOf(const referral::v1::Disclosure& told) {
  switch (told.way()) {
    case referral::v1::DISCLOSURE_WAY_PUSH:
      return told.has_receive_time() ? absl::StrCat("was sent to its machine (it has it since ",
                                                    Moment(told.receive_time()), ")")
                                     : "was sent to its machine (it has not confirmed it)";
    case referral::v1::DISCLOSURE_WAY_READ:
      return "read the case";
    case referral::v1::DISCLOSURE_WAY_LIST:
      return "read its list of cases";
    case referral::v1::DISCLOSURE_WAY_TELEPHONE:
      return "was spoken with on the telephone (what was said is not recorded)";
    default:
      return NameOf(told.way());
  }
}

void PrintDisclosure(const referral::v1::Disclosure& told, std::ostream& out) {
  out << "\n  " << told.partner_name() << " " << WayOf(told) << "\n  " << Moment(told.first_time());
  if (told.times() > 1) {
    out << " to " << Moment(told.last_time()) << ", " << told.times() << " times";
  }
  out << "\n";
  // A push names need and urgency before the case, which names them again.
  std::set<std::string> written;
  for (const referral::v1::DisclosedField& field : told.fields()) {
    const std::string line = absl::StrCat("    ", LabelOf(field), ": ", PlainValues(field), "\n");
    if (written.insert(line).second) out << line;
  }
}

void PrintDisclosedCase(const referral::v1::DisclosedCase& told, std::ostream& out) {
  out << "\nOf " << Moment(told.create_time()) << ": need of " << NameOf(told.need())
      << " (referral " << told.referral_id() << ")\n";
  if (told.basis().has_agreement()) {
    out << "  shared because the person agreed, " << Moment(told.basis().agreement().agree_time())
        << ", to the text " << told.basis().agreement().text_version() << "\n";
  } else if (!told.basis().vital_interest_reason().empty()) {
    out << "  shared for vital interest: " << told.basis().vital_interest_reason() << "\n";
  }
  if (told.has_withdraw_time()) out << "  withdrawn " << Moment(told.withdraw_time()) << "\n";
  if (told.incomplete()) {
    out << "  INCOMPLETE: a partner had it before it was recorded what partners are told\n";
  }
  if (told.unreadable()) {
    out << "  INCOMPLETE: something sealed of it does not open, and is not shown\n";
  }
  if (told.disclosures().empty()) out << "  No partner was told anything.\n";
  for (const referral::v1::Disclosure& disclosure : told.disclosures()) {
    PrintDisclosure(disclosure, out);
  }
}

absl::Status ShowStatement(Session& session, const StatementArguments& arguments) {
  ASSIGN_OR_RETURN(const Connection connection, session.Referral("coordinator"));
  referral::v1::GetDisclosureStatementRequest request;
  request.set_tenant_id(arguments.tenant);
  ASSIGN_OR_RETURN(
      const referral::v1::GetDisclosureStatementResponse response,
      ListPages(connection, &referral::v1::ReferralService::Stub::GetDisclosureStatement,
                std::move(request), arguments.paging));
  session.Print(response, [&](std::ostream& out) {
    out << "What partners were told about the person " << arguments.tenant << ", as it stands "
        << Moment(response.statement_time()) << "\n";
    for (const referral::v1::DisclosedCase& told : response.cases()) PrintDisclosedCase(told, out);
    PrintMore(response.next_page_token(), out);
  });
  return absl::OkStatus();
}

}  // namespace

void DeclareReferralStatement(CLI::App& group, Session& session) {
  CLI::App* statement = group.add_subcommand(
      "statement", "Prints what partners were told of a person, for that person; needs --reason");
  statement->footer(R"(
Case by case: why it could be shared, which partner was told what, by which way, when and how often,
each item as it was sent. A push is noted before it leaves; the partner has confirmed it, or not. What
was said on the telephone is recorded nowhere. It leaves a trace for each case:

  veillectl referral statement <tenant> --reason "the person asks what was passed on")");
  const auto arguments = std::make_shared<StatementArguments>();
  statement->add_option("TENANT", arguments->tenant, "id of the person")
      ->required()
      ->check(IsUuid());
  session.AddReason(*statement);
  DeclarePaging(*statement, arguments->paging);
  session.On(statement, [&session, arguments] { return ShowStatement(session, *arguments); });
}

}  // namespace veille::veillectl
