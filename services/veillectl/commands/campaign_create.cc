#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/status/macros.h"
#include "veille/calls/v1/campaign_service.grpc.pb.h"
#include "veille/calls/v1/script_service.grpc.pb.h"
#include "veillectl/client/failure.h"
#include "veillectl/client/input.h"
#include "veillectl/commands/campaign.h"
#include "veillectl/commands/campaign_options.h"

namespace veille::veillectl {
namespace {

constexpr absl::Duration kEightWeeks = absl::Hours(8 * 7 * 24);

constexpr char kNewCampaignHelp[] = R"(
A campaign has one purpose, one cohort, one script and one period. Say it by options:

  veillectl campaign create --title "Spring calls" --purpose "To know who needs help" \
      --minimum-age 70 --reference-date 2020-03-17 \
      --call-hours "mon-fri 09:00-12:00" --call-hours "mon-fri 14:00-18:30" \
      --retry no-answer:4h:5:next-phone --retry busy:30m:8

or in FILE, the JSON of a veille.calls.v1.Campaign, and change some of it by options:

  veillectl campaign create campaign.json --commune 31555 --commune 31582

  {"title": "Spring calls", "purpose": "To know who needs help",
   "cohort_rule": {"minimum_age": 70, "reference_date": {"year": 2020, "month": 3, "day": 17}},
   "call_hours": [{"weekday": "WEEKDAY_MONDAY", "start_minute": 540, "end_minute": 720}],
   "retry_rules": [{"disposition": "DISPOSITION_NO_ANSWER", "delay": "14400s",
                    "maximum_attempts": 5, "next_phone": true}],
   "weekly_cadence": {"interval_days": 7, "grace": "7200s"},
   "acknowledge_deadlines": {"emergency": "900s", "priority": "14400s",
                             "routine_working_days": 2}}

What is not said: the landlord's only script; eight weeks from now; calls at any time; after a call
that reached nobody 4 hours, 5 times, the next phone each time; weekly calls every 7 days, kept 2
hours for their own volunteer; partners accept an emergency within 15 minutes, at any hour, a priority
within 4 hours and a routine case within 2 days of working time, which is Monday to Friday 9 to 12 and
14 to 17 without public holidays. Call hours are in the local time of each household.

Next: veillectl campaign open CAMPAIGN, with the id that is printed.)";

struct NewCampaignArguments {
  std::string file;
  std::string title;
  std::string purpose;
  int minimum_age = -1;
  std::string reference_date;
  std::vector<std::string> communes;
  std::vector<std::string> buildings;
  std::string script;
  int script_version = 0;
  std::string start;
  std::string end;
  std::vector<std::string> call_hours;
  std::vector<std::string> retries;
  int weekly_interval = 0;
  std::string weekly_grace;
  std::string emergency_deadline;
  std::string priority_deadline;
  int routine_deadline = 0;
};

google::protobuf::Timestamp TimestampOf(absl::Time time) {
  google::protobuf::Timestamp timestamp;
  timestamp.set_seconds(absl::ToUnixSeconds(time));
  return timestamp;
}

absl::Status SetCohort(const NewCampaignArguments& arguments, calls::v1::Campaign& campaign) {
  if (arguments.minimum_age >= 0) {
    campaign.mutable_cohort_rule()->set_minimum_age(arguments.minimum_age);
  }
  if (!arguments.reference_date.empty()) {
    RETURN_IF_ERROR(SetReferenceDate(arguments.reference_date, campaign));
  }
  if (!arguments.communes.empty()) {
    auto& codes = *campaign.mutable_cohort_rule()->mutable_commune_codes();
    codes.Assign(arguments.communes.begin(), arguments.communes.end());
  }
  if (!arguments.buildings.empty()) {
    auto& buildings = *campaign.mutable_cohort_rule()->mutable_buildings();
    buildings.Assign(arguments.buildings.begin(), arguments.buildings.end());
  }
  return absl::OkStatus();
}

// Eight weeks from now unless something else is said.
absl::Status SetPeriod(const NewCampaignArguments& arguments, calls::v1::Campaign& campaign) {
  if (!arguments.start.empty()) {
    ASSIGN_OR_RETURN(*campaign.mutable_start_time(), ParseMoment(arguments.start));
  }
  if (!arguments.end.empty()) {
    ASSIGN_OR_RETURN(*campaign.mutable_end_time(), ParseMoment(arguments.end));
  }
  if (!campaign.has_start_time()) *campaign.mutable_start_time() = TimestampOf(absl::Now());
  if (!campaign.has_end_time()) {
    *campaign.mutable_end_time() =
        TimestampOf(absl::FromUnixSeconds(campaign.start_time().seconds()) + kEightWeeks);
  }
  return absl::OkStatus();
}

absl::Status SetTimes(const NewCampaignArguments& arguments, calls::v1::Campaign& campaign) {
  RETURN_IF_ERROR(SetPeriod(arguments, campaign));
  if (!arguments.call_hours.empty()) campaign.clear_call_hours();
  for (const std::string& hours : arguments.call_hours) {
    RETURN_IF_ERROR(AddCallHours(hours, campaign));
  }
  for (const std::string& retry : arguments.retries) RETURN_IF_ERROR(SetRetryRule(retry, campaign));
  if (arguments.weekly_interval > 0) {
    campaign.mutable_weekly_cadence()->set_interval_days(arguments.weekly_interval);
  }
  if (arguments.weekly_grace.empty()) return absl::OkStatus();
  return SetWeeklyGrace(arguments.weekly_grace, campaign);
}

absl::Status SetDeadlines(const NewCampaignArguments& arguments, calls::v1::Campaign& campaign) {
  if (!arguments.emergency_deadline.empty()) {
    RETURN_IF_ERROR(SetEmergencyDeadline(arguments.emergency_deadline, campaign));
  }
  if (!arguments.priority_deadline.empty()) {
    RETURN_IF_ERROR(SetPriorityDeadline(arguments.priority_deadline, campaign));
  }
  if (arguments.routine_deadline > 0) {
    campaign.mutable_acknowledge_deadlines()->set_routine_working_days(arguments.routine_deadline);
  }
  return absl::OkStatus();
}

// The script that is named, or the only one that there is.
absl::Status SetScript(const NewCampaignArguments& arguments, const Connection& calls,
                       calls::v1::Campaign& campaign) {
  if (!arguments.script.empty()) campaign.set_script_id(arguments.script);
  if (arguments.script_version > 0) campaign.set_script_version(arguments.script_version);
  if (!campaign.script_id().empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const calls::v1::ListScriptsResponse scripts,
                   calls.CallAllPages(&calls::v1::ScriptService::Stub::ListScripts,
                                      calls::v1::ListScriptsRequest()));
  if (scripts.scripts().empty()) {
    return UsageError("there is no script yet: veillectl script publish FILE first");
  }
  if (scripts.scripts_size() > 1) {
    return UsageError("which script? Give --script ID (veillectl script list shows them)");
  }
  campaign.set_script_id(scripts.scripts(0).script_id());
  return absl::OkStatus();
}

absl::Status CreateCampaign(Session& session, const NewCampaignArguments& arguments) {
  ASSIGN_OR_RETURN(const Connection calls, session.Calls("coordinator"));
  calls::v1::CreateCampaignRequest request;
  calls::v1::Campaign& campaign = *request.mutable_campaign();
  if (!arguments.file.empty()) RETURN_IF_ERROR(ReadMessage(arguments.file, &campaign));
  if (!arguments.title.empty()) campaign.set_title(arguments.title);
  if (!arguments.purpose.empty()) campaign.set_purpose(arguments.purpose);
  RETURN_IF_ERROR(SetCohort(arguments, campaign));
  RETURN_IF_ERROR(SetTimes(arguments, campaign));
  RETURN_IF_ERROR(SetDeadlines(arguments, campaign));
  RETURN_IF_ERROR(SetScript(arguments, calls, campaign));
  request.set_request_id(session.RequestId());
  ASSIGN_OR_RETURN(const calls::v1::CreateCampaignResponse response,
                   calls.Call(&calls::v1::CampaignService::Stub::CreateCampaign, request));
  session.Print(response, [&](std::ostream& out) {
    PrintCampaign(response.campaign(), out);
    out << "Next: veillectl campaign open " << response.campaign().campaign_id() << "\n";
  });
  return absl::OkStatus();
}

void DeclareTimes(CLI::App& command, NewCampaignArguments& arguments) {
  command.add_option("--start", arguments.start, "when calling may begin (now)")->type_name("TIME");
  command.add_option("--end", arguments.end, "when calling ends (eight weeks later)")
      ->type_name("TIME");
  command
      .add_option("--call-hours", arguments.call_hours,
                  "when to call, such as \"mon-fri 09:00-12:00\"; again for more")
      ->type_name("HOURS")
      ->allow_extra_args(false);
  command
      .add_option("--retry", arguments.retries,
                  "after a call that reached nobody, such as no-answer:4h:5:next-phone")
      ->type_name("RULE")
      ->allow_extra_args(false);
  command
      .add_option("--weekly-interval", arguments.weekly_interval,
                  "days from one weekly call to the next (7)")
      ->type_name("DAYS")
      ->check(CLI::PositiveNumber.description("a number of days"));
  command
      .add_option("--weekly-grace", arguments.weekly_grace,
                  "how long a weekly call is kept for its own volunteer (2h)")
      ->type_name("DURATION");
}

void DeclareDeadlines(CLI::App& command, NewCampaignArguments& arguments) {
  command
      .add_option("--emergency-deadline", arguments.emergency_deadline,
                  "how long partners have to accept an emergency, by the clock (15m)")
      ->type_name("DURATION");
  command
      .add_option("--priority-deadline", arguments.priority_deadline,
                  "how long they have for a priority, in working time (4h)")
      ->type_name("DURATION");
  command
      .add_option("--routine-deadline", arguments.routine_deadline,
                  "how many working days they have for a routine case (2)")
      ->type_name("DAYS")
      ->check(CLI::PositiveNumber.description("a number from 1"));
}

}  // namespace

void DeclareCreateCampaign(CLI::App& group, Session& session) {
  CLI::App* command = group.add_subcommand("create", "Creates a campaign; nobody is called yet");
  command->footer(kNewCampaignHelp);
  const auto arguments = std::make_shared<NewCampaignArguments>();
  command->add_option("FILE", arguments->file, "the campaign as JSON; - is standard input");
  command->add_option("--title", arguments->title, "unique among the landlord's campaigns")
      ->type_name("TEXT");
  command->add_option("--purpose", arguments->purpose, "why, as the tenants are told")
      ->type_name("TEXT");
  command
      ->add_option("--minimum-age", arguments->minimum_age,
                   "of one tenant of the household at least")
      ->type_name("YEARS")
      ->check(CLI::Range(0, 120).description("0 to 120"));
  command
      ->add_option("--reference-date", arguments->reference_date,
                   "the day on which ages are counted")
      ->type_name("DATE");
  command
      ->add_option("--commune", arguments->communes,
                   "only this commune (INSEE code); again for more")
      ->type_name("CODE")
      ->allow_extra_args(false);
  command
      ->add_option("--building", arguments->buildings,
                   "only this building, as in the register; again for more")
      ->type_name("NAME")
      ->allow_extra_args(false);
  command->add_option("--script", arguments->script, "the published script to follow")
      ->type_name("ID")
      ->check(IsUuid());
  command->add_option("--script-version", arguments->script_version, "its version (the newest)")
      ->type_name("NUMBER")
      ->check(CLI::PositiveNumber.description("a number from 1"));
  DeclareTimes(*command, *arguments);
  DeclareDeadlines(*command, *arguments);
  session.On(command, [&session, arguments] { return CreateCampaign(session, *arguments); });
}

}  // namespace veille::veillectl
