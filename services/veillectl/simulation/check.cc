#include "veillectl/simulation/check.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/status/macros.h"
#include "veille/calls/v1/campaign_service.grpc.pb.h"
#include "veille/referral/v1/partner_directory_service.grpc.pb.h"
#include "veille/referral/v1/referral_service.grpc.pb.h"
#include "veillectl/client/failure.h"
#include "veillectl/simulation/callees.h"
#include "veillectl/simulation/household_audit.h"
#include "veillectl/simulation/referral_audit.h"

namespace veille::veillectl {
namespace {

constexpr absl::Duration kBetweenLooks = absl::Milliseconds(300);

// What the report must say.
class ForeseenReport {
 public:
  // `verifying_calls` are made besides those of the ledger, and each to its end.
  ForeseenReport(const Ledger& ledger, int64_t to_decide, int64_t verifying_calls) {
    figures_["selected"] = static_cast<int64_t>(ledger.households.size());
    figures_["need a decision"] = to_decide;
    for (const char* name : {"reached", "completed", "refused", "not reached", "calls",
                             "called every week", "needs found", "needs shared", "not called yet",
                             "recorded late", "calls that ended completed"}) {
      figures_[name] = 0;
    }
    figures_["calls"] = figures_["calls that ended completed"] = verifying_calls;
    for (const ForeseenHousehold& household : ledger.households) Add(household);
  }

  void Compare(const calls::v1::CampaignReport& report,
               std::vector<std::string>& differences) const {
    std::map<std::string, int64_t> told = {{"selected", report.selected()},
                                           {"need a decision", report.needs_decision()},
                                           {"reached", report.reached()},
                                           {"completed", report.completed()},
                                           {"refused", report.refused()},
                                           {"not reached", report.not_reached()},
                                           {"not called yet", report.not_called()},
                                           {"calls", report.attempts()},
                                           {"called every week", report.weekly_calls()},
                                           {"needs found", report.needs_found()},
                                           {"needs shared", report.needs_shared()},
                                           {"recorded late", report.late_records()},
                                           {"calls that ended completed", 0}};
    // As many as households that were called to the end: so nobody was twice, but to be asked
    // whether help came.
    for (const calls::v1::DispositionCount& count : report.dispositions()) {
      if (count.disposition() == calls::v1::DISPOSITION_COMPLETED) {
        told["calls that ended completed"] = count.attempts();
      }
    }
    for (const auto& [name, count] : figures_) {
      if (told[name] == count) continue;
      differences.push_back(
          absl::StrCat("the report says ", told[name], " ", name, ", the ledger ", count));
    }
  }

 private:
  void Add(const ForeseenHousehold& household) {
    figures_["reached"] += household.reached ? 1 : 0;
    figures_["not reached"] += household.reached ? 0 : 1;
    figures_["completed"] += household.completed ? 1 : 0;
    figures_["calls that ended completed"] += household.completed ? 1 : 0;
    figures_["refused"] += household.refused ? 1 : 0;
    figures_["calls"] += static_cast<int64_t>(household.attempts.size());
    figures_["called every week"] += household.called_weekly() ? 1 : 0;
    for (const ForeseenFinding& finding : household.findings) {
      if (finding.outcome.kind != calls::v1::FINDING_KIND_NEED) continue;
      ++figures_["needs found"];
      figures_["needs shared"] += finding.agreed ? 1 : 0;
    }
  }

  std::map<std::string, int64_t> figures_;
};

// The same households, by the ledger and by the register.
absl::Status CheckSame(const std::vector<Callee>& callees, const Ledger& ledger) {
  const bool same =
      std::equal(callees.begin(), callees.end(), ledger.households.begin(), ledger.households.end(),
                 [](const Callee& callee, const ForeseenHousehold& household) {
                   return callee.key == household.key;
                 });
  if (same) return absl::OkStatus();
  return UsageError(absl::StrCat("the ledger has ", ledger.households.size(),
                                 " households, and they are not the ", callees.size(),
                                 " that the register and the campaign's rule select"));
}

class Checker {
 public:
  Checker(const CheckParts& parts, const Ledger& ledger) : parts_(parts), ledger_(ledger) {}

  absl::StatusOr<CheckResult> Run() {
    absl::Time moved = absl::Now();
    CheckResult last;
    while (true) {
      absl::StatusOr<CheckResult> look = Look();
      if (!look.ok() && !WorthRepeating(look.status())) return look;
      if (look.ok()) {
        if (look->differences.empty()) return look;
        if (look->differences != last.differences) moved = absl::Now();
        last = *std::move(look);
      }
      if (absl::Now() - moved > parts_.patience) {
        if (last.differences.empty()) return look.status();
        return last;
      }
      absl::SleepFor(kBetweenLooks);
    }
  }

 private:
  absl::Status Prepare() {
    calls::v1::GetCampaignRequest request;
    request.set_campaign_id(parts_.campaign_id);
    ASSIGN_OR_RETURN(const calls::v1::GetCampaignResponse campaign,
                     parts_.calls.Call(&calls::v1::CampaignService::Stub::GetCampaign, request));
    ASSIGN_OR_RETURN(callees_, ReadCallees(parts_.registry, campaign.campaign().cohort_rule(),
                                           /*until=*/absl::InfinitePast()));
    RETURN_IF_ERROR(CheckSame(callees_, ledger_));
    ASSIGN_OR_RETURN(
        const referral::v1::ListPartnersResponse partners,
        parts_.referral.CallAllPages(&referral::v1::PartnerDirectoryService::Stub::ListPartners,
                                     referral::v1::ListPartnersRequest()));
    coverage_.emplace(
        std::vector<referral::v1::Partner>(partners.partners().begin(), partners.partners().end()));
    households_.emplace(callees_, ledger_, *coverage_, parts_.campaign_id);
    return absl::OkStatus();
  }

  absl::StatusOr<CheckResult> Look() {
    if (!households_.has_value()) RETURN_IF_ERROR(Prepare());
    CheckResult result;
    ASSIGN_OR_RETURN(result.report, Report());
    RETURN_IF_ERROR(households_->Look(parts_.calls, result.differences));
    ASSIGN_OR_RETURN(const std::vector<referral::v1::Referral> referrals, Referrals());
    PartnerLogs logs;
    for (const std::string& path : parts_.partner_logs) RETURN_IF_ERROR(AddPartnerLog(path, logs));
    const std::vector<SharedNeed> needs = households_->shared();
    const ReferralAudit audit(parts_.campaign_id, referrals, logs, *coverage_);
    audit.Look(needs, result.differences);
    ForeseenReport(ledger_, households_->to_decide(), households_->verifying_calls())
        .Compare(result.report, result.differences);
    result.needs_agreed = static_cast<int64_t>(needs.size());
    result.needs_covered = std::count_if(needs.begin(), needs.end(),
                                         [](const SharedNeed& need) { return need.covered; });
    result.referrals_created = audit.created();
    result.referrals_received = audit.received();
    result.referrals_accepted = audit.accepted();
    return result;
  }

  absl::StatusOr<calls::v1::CampaignReport> Report() {
    calls::v1::GetCampaignReportRequest request;
    request.set_campaign_id(parts_.campaign_id);
    ASSIGN_OR_RETURN(
        const calls::v1::GetCampaignReportResponse response,
        parts_.calls.Call(&calls::v1::CampaignService::Stub::GetCampaignReport, request));
    return response.report();
  }

  absl::StatusOr<std::vector<referral::v1::Referral>> Referrals() {
    ASSIGN_OR_RETURN(
        const referral::v1::ListReferralsResponse response,
        parts_.referral.CallAllPages(&referral::v1::ReferralService::Stub::ListReferrals,
                                     referral::v1::ListReferralsRequest()));
    return std::vector<referral::v1::Referral>(response.referrals().begin(),
                                               response.referrals().end());
  }

  const CheckParts& parts_;
  const Ledger& ledger_;
  std::vector<Callee> callees_;
  std::optional<CoverageMap> coverage_;
  std::optional<HouseholdAudit> households_;
};

}  // namespace

absl::StatusOr<CheckResult> CheckSimulation(const CheckParts& parts, const Ledger& ledger) {
  return Checker(parts, ledger).Run();
}

}  // namespace veille::veillectl
