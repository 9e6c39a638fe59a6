#include "veillectl/simulation/household_audit.h"

#include <algorithm>
#include <atomic>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "veille/calls/v1/campaign_service.grpc.pb.h"
#include "veillectl/client/names.h"

namespace veille::veillectl {
namespace {

constexpr int kThreads = 8;

bool IsNeed(const ForeseenFinding& finding) {
  return finding.outcome.kind == calls::v1::FINDING_KIND_NEED;
}

std::string Describe(const Outcome& outcome) {
  if (outcome.kind != calls::v1::FINDING_KIND_NEED) return NameOf(outcome.kind);
  return absl::StrCat(NameOf(outcome.need), " (", NameOf(outcome.urgency), ")");
}

}  // namespace

CoverageMap::CoverageMap(const std::vector<referral::v1::Partner>& partners) {
  for (const referral::v1::Partner& partner : partners) {
    names_[partner.partner_id()] = partner.name();
    if (partner.state() != referral::v1::PARTNER_STATE_ACTIVE) continue;
    for (const referral::v1::Coverage& coverage : partner.coverage()) {
      for (const std::string& commune : coverage.commune_codes()) {
        for (const int need : coverage.needs()) {
          covered_.insert({commune, static_cast<common::v1::Need>(need)});
        }
      }
    }
  }
}

bool CoverageMap::Covers(const std::string& commune_code, common::v1::Need need) const {
  return covered_.contains({commune_code, need});
}

std::string CoverageMap::NameOf(const std::string& partner_id) const {
  const auto known = names_.find(partner_id);
  return known == names_.end() ? partner_id : known->second;
}

HouseholdAudit::HouseholdAudit(const std::vector<Callee>& callees, const Ledger& ledger,
                               const CoverageMap& coverage, std::string campaign_id)
    : callees_(callees),
      ledger_(ledger),
      coverage_(coverage),
      campaign_id_(std::move(campaign_id)),
      places_(callees.size()) {
  for (size_t i = 0; i < places_.size(); ++i) {
    for (const ForeseenFinding& finding : ledger.households[i].findings) {
      if (!IsNeed(finding) || !finding.agreed) continue;
      places_[i].shared.push_back(
          {.finding_id = "",
           .household_id = callees[i].household_id,
           .tenant_id = callees[i].TenantAt(finding.tenant),
           .need = finding.outcome.need,
           .covered = coverage.Covers(callees[i].commune_code, finding.outcome.need)});
    }
  }
}

absl::Status HouseholdAudit::Look(const Connection& calls, std::vector<std::string>& differences) {
  std::atomic<size_t> next = 0;
  std::vector<absl::Status> results(kThreads);
  std::vector<std::thread> threads;
  for (absl::Status& result : results) {
    threads.emplace_back([&] {
      for (size_t i = next++; i < places_.size() && result.ok(); i = next++) {
        if (!places_[i].agrees) result = LookAt(calls, i);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const absl::Status& result : results) RETURN_IF_ERROR(result);
  for (const Place& place : places_) {
    if (!place.agrees) differences.push_back(place.difference);
  }
  return absl::OkStatus();
}

absl::Status HouseholdAudit::LookAt(const Connection& calls, size_t index) {
  calls::v1::ExplainHouseholdRequest request;
  request.set_campaign_id(campaign_id_);
  request.set_household_id(callees_[index].household_id);
  ASSIGN_OR_RETURN(const calls::v1::ExplainHouseholdResponse stands,
                   calls.Call(&calls::v1::CampaignService::Stub::ExplainHousehold, request));
  Place& place = places_[index];
  place.difference = Compare(index, stands);
  place.agrees = place.difference.empty();
  return absl::OkStatus();
}

std::string HouseholdAudit::Compare(size_t index,
                                    const calls::v1::ExplainHouseholdResponse& stands) {
  const ForeseenHousehold& foreseen = ledger_.households[index];
  const std::string who = absl::StrCat("household ", callees_[index].household_id, ": ");
  std::string difference = CompareFindings(index, stands);
  if (!difference.empty()) return who + difference;
  const int more = stands.attempts() - static_cast<int>(foreseen.attempts.size());
  const auto verified = [&stands](auto is_so) {
    return static_cast<int>(std::count_if(
        stands.findings().begin(), stands.findings().end(),
        [&](const calls::v1::Finding& finding) { return is_so(finding.verification()); }));
  };
  const int asked =
      verified([](calls::v1::Verification came) { return came > calls::v1::VERIFICATION_OPEN; });
  const int open =
      verified([](calls::v1::Verification came) { return came == calls::v1::VERIFICATION_OPEN; });
  places_[index].verifying_calls = std::max(0, more);
  if (more < 0 || more > asked) {
    return absl::StrCat(who, stands.attempts(), " calls, the ledger has ",
                        foreseen.attempts.size());
  }
  const calls::v1::CallabilityBucket bucket = BucketOf(index);
  const bool is_to_be_asked = open > 0 && bucket == calls::v1::CALLABILITY_BUCKET_DONE;
  if (stands.bucket() != bucket && !is_to_be_asked) {
    return absl::StrCat(who, NameOf(stands.bucket()), ", by the ledger ", NameOf(bucket));
  }
  return "";
}

std::string HouseholdAudit::CompareFindings(size_t index,
                                            const calls::v1::ExplainHouseholdResponse& stands) {
  const Callee& callee = callees_[index];
  std::vector<const calls::v1::Finding*> found;
  for (const calls::v1::Finding& finding : stands.findings()) {
    if (finding.kind() != calls::v1::FINDING_KIND_ALL_WELL) found.push_back(&finding);
  }
  std::string difference;
  for (const ForeseenFinding& foreseen : ledger_.households[index].findings) {
    const Outcome& outcome = foreseen.outcome;
    const std::string& tenant = callee.TenantAt(foreseen.tenant);
    const auto same =
        std::find_if(found.begin(), found.end(), [&](const calls::v1::Finding* finding) {
          return finding->tenant_id() == tenant &&
                 Outcome{finding->kind(), finding->need(), finding->urgency()} == outcome;
        });
    if (same == found.end()) return absl::StrCat(Describe(outcome), " was not found");
    const calls::v1::Finding& finding = **same;
    found.erase(same);
    const calls::v1::DecisionReason decision = DecisionOf(index, foreseen);
    if (finding.shared() != (foreseen.agreed && IsNeed(foreseen))) {
      difference = absl::StrCat(Describe(outcome), finding.shared() ? " is" : " is not", " shared");
    } else if (finding.decision_reason() != decision) {
      difference = absl::StrCat(Describe(outcome),
                                " waits for a decision: ", NameOf(finding.decision_reason()),
                                ", by the ledger ", NameOf(decision));
    }
    for (SharedNeed& shared : places_[index].shared) {
      if (shared.tenant_id == tenant && shared.need == outcome.need && finding.shared()) {
        shared.finding_id = finding.finding_id();
      }
    }
  }
  if (difference.empty() && !found.empty()) {
    const calls::v1::Finding& more = *found.front();
    return absl::StrCat("finding ", more.finding_id(), ", ",
                        Describe({more.kind(), more.need(), more.urgency()}),
                        ", is not in the ledger");
  }
  return difference;
}

calls::v1::DecisionReason HouseholdAudit::DecisionOf(size_t index,
                                                     const ForeseenFinding& finding) const {
  if (!finding.agreed) return calls::v1::DECISION_REASON_NOT_AGREED;
  if (IsNeed(finding) && !coverage_.Covers(callees_[index].commune_code, finding.outcome.need)) {
    return calls::v1::DECISION_REASON_NOT_COVERED;
  }
  return calls::v1::DECISION_REASON_UNSPECIFIED;
}

bool HouseholdAudit::ToDecide(size_t index) const {
  const auto& findings = ledger_.households[index].findings;
  return std::any_of(findings.begin(), findings.end(), [&](const ForeseenFinding& finding) {
    return DecisionOf(index, finding) != calls::v1::DECISION_REASON_UNSPECIFIED;
  });
}

calls::v1::CallabilityBucket HouseholdAudit::BucketOf(size_t index) const {
  const ForeseenHousehold& foreseen = ledger_.households[index];
  if (ToDecide(index)) return calls::v1::CALLABILITY_BUCKET_AWAITING_DECISION;
  if (foreseen.refused) return calls::v1::CALLABILITY_BUCKET_CLOSED;
  if (foreseen.called_weekly()) return calls::v1::CALLABILITY_BUCKET_WEEKLY_CALL_WAITING;
  const calls::v1::Disposition last = foreseen.attempts.back().disposition;
  const bool ended =
      last == calls::v1::DISPOSITION_COMPLETED || last == calls::v1::DISPOSITION_ANSWERED_BY_PROXY;
  return ended ? calls::v1::CALLABILITY_BUCKET_DONE : calls::v1::CALLABILITY_BUCKET_EXHAUSTED;
}

std::vector<SharedNeed> HouseholdAudit::shared() const {
  std::vector<SharedNeed> all;
  for (const Place& place : places_) {
    all.insert(all.end(), place.shared.begin(), place.shared.end());
  }
  return all;
}

int64_t HouseholdAudit::verifying_calls() const {
  int64_t count = 0;
  for (const Place& place : places_) count += place.verifying_calls;
  return count;
}

int64_t HouseholdAudit::to_decide() const {
  int64_t count = 0;
  for (size_t i = 0; i < places_.size(); ++i) count += ToDecide(i) ? 1 : 0;
  return count;
}

}  // namespace veille::veillectl
