#include "veillectl/commands/partner_coverage.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/macros.h"
#include "veille/calls/v1/campaign_service.grpc.pb.h"
#include "veille/calls/v1/script_service.grpc.pb.h"
#include "veille/referral/v1/partner_directory_service.grpc.pb.h"
#include "veille/registry/v1/registry_service.grpc.pb.h"
#include "veillectl/client/failure.h"
#include "veillectl/client/output.h"
#include "veillectl/commands/partner_names.h"

namespace veille::veillectl {
namespace {

using common::v1::Need;

constexpr int kMostCommunes = 1000;  // per request

struct CoverageArguments {
  std::vector<std::string> communes;
  std::vector<std::string> needs;
  std::string campaign;
  bool all = false;
  bool fail_on_gaps = false;
};

// What is asked about. Names and households are known of a campaign's communes.
struct Question {
  struct Place {
    std::string code;
    std::string name;
    int64_t households = 0;
  };
  std::vector<Place> places;
  std::set<Need> needs;  // empty: all
};

// The needs that the script's rules can find.
absl::StatusOr<std::set<Need>> PartnerCoverageNeedsOf(const Connection& connection,
                                                      const calls::v1::Campaign& campaign) {
  calls::v1::GetScriptRequest request;
  request.set_script_id(campaign.script_id());
  request.set_version(campaign.script_version());
  ASSIGN_OR_RETURN(const calls::v1::GetScriptResponse response,
                   connection.Call(&calls::v1::ScriptService::Stub::GetScript, request));
  std::set<Need> needs;
  for (const calls::v1::TriageRule& rule : response.script().rules()) {
    if (rule.has_need()) needs.insert(rule.need().need());
  }
  return needs;
}

// The communes of the households that the campaign calls, or would call today.
absl::StatusOr<std::vector<Question::Place>> PlacesOf(const Session& session,
                                                      const calls::v1::CohortRule& rule) {
  ASSIGN_OR_RETURN(const Connection connection, session.Registry("coordinator"));
  registry::v1::PreviewCohortRequest request;
  registry::v1::CohortRule& asked = *request.mutable_rule();
  asked.set_minimum_age(rule.minimum_age());
  *asked.mutable_reference_date() = rule.reference_date();
  *asked.mutable_commune_codes() = rule.commune_codes();
  *asked.mutable_buildings() = rule.buildings();
  ASSIGN_OR_RETURN(const registry::v1::PreviewCohortResponse response,
                   connection.Call(&registry::v1::RegistryService::Stub::PreviewCohort, request));
  std::vector<Question::Place> places;
  for (const registry::v1::CommuneCount& commune : response.communes()) {
    places.push_back({commune.commune_code(), commune.commune_name(), commune.selected()});
  }
  return places;
}

absl::StatusOr<Question> QuestionOf(const Session& session, const CoverageArguments& arguments) {
  Question question;
  for (const std::string& need : arguments.needs) question.needs.insert(ValueOf<Need>(need));
  const std::set<std::string> communes(arguments.communes.begin(), arguments.communes.end());
  for (const std::string& code : communes) question.places.push_back({code, "", 0});
  if (arguments.campaign.empty()) {
    if (!question.places.empty()) return question;
    return UsageError("which communes? Give INSEE codes such as 31555, or --campaign ID");
  }
  ASSIGN_OR_RETURN(const Connection connection, session.Calls("coordinator"));
  calls::v1::GetCampaignRequest request;
  request.set_campaign_id(arguments.campaign);
  ASSIGN_OR_RETURN(const calls::v1::GetCampaignResponse response,
                   connection.Call(&calls::v1::CampaignService::Stub::GetCampaign, request));
  if (question.needs.empty()) {
    ASSIGN_OR_RETURN(question.needs, PartnerCoverageNeedsOf(connection, response.campaign()));
  }
  ASSIGN_OR_RETURN(question.places, PlacesOf(session, response.campaign().cohort_rule()));
  return question;
}

absl::StatusOr<referral::v1::CheckCoverageResponse> Ask(const Connection& referral,
                                                        const Question& question) {
  referral::v1::CheckCoverageResponse all;
  for (size_t begin = 0; begin < question.places.size(); begin += kMostCommunes) {
    referral::v1::CheckCoverageRequest request;
    const size_t end = std::min(begin + kMostCommunes, question.places.size());
    for (size_t i = begin; i < end; ++i) request.add_commune_codes(question.places[i].code);
    for (const Need need : question.needs) request.add_needs(need);
    ASSIGN_OR_RETURN(
        const referral::v1::CheckCoverageResponse part,
        referral.Call(&referral::v1::PartnerDirectoryService::Stub::CheckCoverage, request));
    all.MergeFrom(part);
  }
  return all;
}

bool IsGap(const referral::v1::CoverageAnswer& answer) { return answer.partner_ids().empty(); }

std::string PartnerCoverageNamesOf(const google::protobuf::RepeatedPtrField<std::string>& partners,
                                   const PartnerNames& names) {
  return absl::StrJoin(partners, ", ", [&names](std::string* text, const std::string& partner) {
    absl::StrAppend(text, names.Of(partner));
  });
}

// A list of needs that does not fill a screen when it is all of them.
std::string Listed(const std::vector<std::string>& needs, size_t all) {
  constexpr size_t kShort = 4;
  return needs.size() == all && all > kShort ? absl::StrCat("any of the ", all, " needs")
                                             : absl::StrJoin(needs, ", ");
}

// A line per commune that has one.
void PrintGaps(const referral::v1::CheckCoverageResponse& response, const Question& question,
               const PartnerNames& names, std::ostream& out) {
  const size_t needs =
      static_cast<size_t>(response.answers_size()) / std::max<size_t>(question.places.size(), 1);
  struct Gaps {
    std::vector<std::string> nobody;
    std::vector<std::string> full;
    std::set<std::string> on_trial;  // ids of partners
  };
  std::map<std::string, Gaps> gaps;
  for (const referral::v1::CoverageAnswer& answer : response.answers()) {
    if (!IsGap(answer)) continue;
    auto& [nobody, full, on_trial] = gaps[answer.commune_code()];
    on_trial.insert(answer.trial_partner_ids().begin(), answer.trial_partner_ids().end());
    if (answer.full_partner_ids().empty()) {
      nobody.push_back(NameOf(answer.need()));
    } else {
      full.push_back(absl::StrCat(NameOf(answer.need()), " (",
                                  PartnerCoverageNamesOf(answer.full_partner_ids(), names), ")"));
    }
  }
  Table table({"COMMUNE", "HOUSEHOLDS", "NOBODY COVERS", "NO ROOM LEFT", "ON TRIAL"});
  for (const Question::Place& place : question.places) {
    const auto found = gaps.find(place.code);
    if (found == gaps.end()) continue;
    const auto& [nobody, full, on_trial] = found->second;
    table.Add({place.name.empty() ? place.code : absl::StrCat(place.code, " ", place.name),
               place.households == 0 ? "-" : absl::StrCat(place.households),
               nobody.empty() ? "-" : Listed(nobody, needs), absl::StrJoin(full, ", "),
               absl::StrJoin(on_trial, ", ", [&names](std::string* text, const std::string& id) {
                 absl::StrAppend(text, names.Of(id));
               })});
  }
  out << table;
}

void PrintAll(const referral::v1::CheckCoverageResponse& response, const PartnerNames& names,
              std::ostream& out) {
  Table table({"COMMUNE", "NEED", "PARTNERS, FIRST CHOICE FIRST", "NO ROOM LEFT", "ON TRIAL"});
  for (const referral::v1::CoverageAnswer& answer : response.answers()) {
    table.Add({answer.commune_code(), NameOf(answer.need()),
               IsGap(answer) ? "nobody" : PartnerCoverageNamesOf(answer.partner_ids(), names),
               PartnerCoverageNamesOf(answer.full_partner_ids(), names),
               PartnerCoverageNamesOf(answer.trial_partner_ids(), names)});
  }
  out << table;
}

absl::Status Coverage(Session& session, const CoverageArguments& arguments) {
  ASSIGN_OR_RETURN(const Question question, QuestionOf(session, arguments));
  if (question.places.empty()) {
    return UsageError("the campaign would call no household today; is the register imported?");
  }
  ASSIGN_OR_RETURN(const Connection referral, session.Referral("coordinator"));
  ASSIGN_OR_RETURN(const referral::v1::CheckCoverageResponse response, Ask(referral, question));
  ASSIGN_OR_RETURN(const PartnerNames names, PartnerNames::Read(referral));
  const auto gaps = std::count_if(response.answers().begin(), response.answers().end(), IsGap);
  session.Print(response, [&](std::ostream& out) {
    if (arguments.all) PrintAll(response, names, out);
    if (gaps == 0) {
      out << "All " << response.answers_size()
          << " pairs of commune and need have a partner with room.\n";
      return;
    }
    if (!arguments.all) PrintGaps(response, question, names, out);
    out << gaps << " of " << response.answers_size()
        << " pairs of commune and need have no partner with room. Cases there wait on the worklist "
           "for\na decision. `veillectl partner register` adds a partner.\n";
  });
  if (gaps == 0 || !arguments.fail_on_gaps) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(gaps, " gaps in the coverage"));
}

}  // namespace

void DeclareCoverage(CLI::App& group, Session& session) {
  CLI::App* command = group.add_subcommand(
      "coverage", "Shows which needs nobody would take, by commune: before a campaign opens");
  command->footer(R"(
With --campaign: the communes of the households that it calls (how many in each), and the needs that
its script can find. Without: the communes named, and all needs unless --need names some.

  veillectl partner coverage --campaign <id>          the gaps
  veillectl partner coverage 31555 31582 --all        who would take what, first choice first
  veillectl partner coverage --campaign <id> --fail-on-gaps && veillectl campaign open <id>

A partner whose capacity is used up takes nothing more: it is shown under NO ROOM LEFT. One under ON TRIAL would
take it once its machine has passed a test: `veillectl partner verify`.)");
  const auto arguments = std::make_shared<CoverageArguments>();
  auto* communes =
      command->add_option("COMMUNE", arguments->communes, "INSEE codes, such as 31555");
  command->add_option("--campaign", arguments->campaign, "the campaign that it is about")
      ->type_name("ID")
      ->check(IsUuid())
      ->excludes(communes);
  command->add_option("--need", arguments->needs, "only these needs, such as meals")
      ->type_name("NEED")
      ->check(IsOneOf<common::v1::Need>());
  command->add_flag("--all", arguments->all, "show every pair, not the gaps alone");
  command->add_flag("--fail-on-gaps", arguments->fail_on_gaps, "exit with 1 when there is a gap");
  session.On(command, [&session, arguments] { return Coverage(session, *arguments); });
}

}  // namespace veille::veillectl
