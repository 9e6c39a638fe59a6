#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "veillectl/client/output.h"
#include "veillectl/commands/campaign.h"
#include "veillectl/commands/campaign_options.h"

namespace veille::veillectl {
namespace {

std::string CohortInWords(const calls::v1::CohortRule& rule) {
  const auto& date = rule.reference_date();
  std::string text =
      absl::StrCat(rule.minimum_age(), " or older on ", date.year(), date.month() < 10 ? "-0" : "-",
                   date.month(), date.day() < 10 ? "-0" : "-", date.day());
  if (rule.commune_codes_size() > 0) {
    absl::StrAppend(&text, ", in ", absl::StrJoin(rule.commune_codes(), ", "));
  }
  if (rule.buildings_size() > 0) {
    absl::StrAppend(&text, ", in ", absl::StrJoin(rule.buildings(), ", "));
  }
  return text;
}

int64_t ReferralsOf(const calls::v1::CampaignReport& report,
                    std::initializer_list<common::v1::ReferralState> states) {
  int64_t sum = 0;
  for (const auto& count : report.referrals()) {
    for (const auto state : states) sum += count.state() == state ? count.referrals() : 0;
  }
  return sum;
}

}  // namespace

void PrintCampaign(const calls::v1::Campaign& campaign, std::ostream& out) {
  out << "Campaign " << campaign.title() << ": " << campaign.campaign_id() << "\n  state       "
      << NameOf(campaign.state()) << "\n  period      " << Moment(campaign.start_time()) << " to "
      << Moment(campaign.end_time()) << "\n  cohort      " << CohortInWords(campaign.cohort_rule())
      << "\n  script      " << campaign.script_id() << " version " << campaign.script_version()
      << "\n  call hours  "
      << (campaign.call_hours().empty()
              ? "at any time"
              : absl::StrJoin(campaign.call_hours(), ", ",
                              [](std::string* text, const common::v1::TimeWindow& window) {
                                absl::StrAppend(text, InWords(window));
                              }))
      << "\n";
  for (const calls::v1::RetryRule& rule : campaign.retry_rules()) {
    out << "  retry       " << InWords(rule) << "\n";
  }
  out << "  weekly      every " << campaign.weekly_cadence().interval_days() << " days, kept for "
      << InWords(campaign.weekly_cadence().grace()) << "\n";
  if (campaign.has_acknowledge_deadlines()) {
    out << "  to accept   " << InWords(campaign.acknowledge_deadlines()) << "\n";
  }
  if (!campaign.has_left_out()) return;
  const calls::v1::LeftOutCounts& left_out = campaign.left_out();
  out << "  selected    " << campaign.selected() << " households\n  left out    "
      << left_out.under_age() << " under age, " << left_out.objection() << " objection, "
      << left_out.no_valid_phone() << " no valid phone\n";
}

void PrintReport(const calls::v1::CampaignReport& report, std::ostream& out) {
  Table table({"HOUSEHOLDS", ""});
  const auto add = [&table](const std::string& what, int64_t count) {
    table.Add({what, absl::StrCat(count)});
  };
  add("drawn", report.drawn());
  add("  selected", report.selected());
  add("  left out: under age", report.left_out().under_age());
  add("  left out: objection", report.left_out().objection());
  add("  left out: no valid phone", report.left_out().no_valid_phone());
  add("selected", report.selected());
  add("  reached", report.reached());
  add("  not reached", report.not_reached());
  add("  not called yet", report.not_called());
  add("completed", report.completed());
  add("refused", report.refused());
  add("need a decision", report.needs_decision());
  add("called every week", report.weekly_calls());
  table.Add({"CALLS", ""});
  add("stored", report.attempts());
  for (const auto& count : report.dispositions()) {
    add("  " + NameOf(count.disposition()), count.attempts());
  }
  add("recorded late", report.late_records());
  table.Add({"NEEDS", ""});
  add("found", report.needs_found());
  add("shared", report.needs_shared());
  for (const auto& count : report.referrals()) {
    add("  referral " + NameOf(count.state()), count.referrals());
  }
  out << table;
  if (report.needs_decision() == 0) return;
  out << "Next: veillectl decision list " << report.campaign_id() << "\n";
}

std::string ProgressLine(const calls::v1::CampaignReport& report) {
  const std::string state = NameOf(report.state());
  if (report.state() == calls::v1::CAMPAIGN_STATE_DRAFT ||
      report.state() == calls::v1::CAMPAIGN_STATE_OPENING) {
    return absl::StrCat(state, ": ", report.drawn(), " households drawn, ", report.selected(),
                        " selected");
  }
  return absl::StrCat(state, ": ", report.selected() - report.not_called(), " of ",
                      report.selected(), " households called, ", report.reached(), " reached, ",
                      report.attempts(), " calls; ", report.needs_shared(), " needs shared, ",
                      ReferralsOf(report, {common::v1::REFERRAL_STATE_ACCEPTED,
                                           common::v1::REFERRAL_STATE_IN_PROGRESS,
                                           common::v1::REFERRAL_STATE_COMPLETED}),
                      " taken on; ", report.needs_decision(), " need a decision, ",
                      report.weekly_calls(), " called every week");
}

}  // namespace veille::veillectl
