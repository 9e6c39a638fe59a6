#include "veillectl/simulation/referral_audit.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "veillectl/client/names.h"

namespace veille::veillectl {
namespace {

bool IsAccepted(common::v1::ReferralState state) {
  return state == common::v1::REFERRAL_STATE_ACCEPTED ||
         state == common::v1::REFERRAL_STATE_IN_PROGRESS ||
         state == common::v1::REFERRAL_STATE_COMPLETED;
}

int CountOf(const std::map<std::string, int>& counts, const std::string& id) {
  const auto found = counts.find(id);
  return found == counts.end() ? 0 : found->second;
}

}  // namespace

ReferralAudit::ReferralAudit(const std::string& campaign_id,
                             const std::vector<referral::v1::Referral>& referrals,
                             const PartnerLogs& logs, const CoverageMap& coverage)
    : logs_(logs), coverage_(coverage) {
  for (const referral::v1::Referral& referral : referrals) {
    const bool ours = referral.campaign_id() == campaign_id;
    known_[referral.referral_id()] = ours;
    if (ours) by_finding_[referral.finding_id()] = &referral;
  }
}

void ReferralAudit::Look(const std::vector<SharedNeed>& needs,
                         std::vector<std::string>& differences) const {
  std::set<std::string> foreseen;
  for (const SharedNeed& need : needs) {
    foreseen.insert(need.finding_id);
    const auto found = by_finding_.find(need.finding_id);
    const std::string difference = need.finding_id.empty() ? "the call is not recorded yet"
                                   : found == by_finding_.end()
                                       ? "on its way to the referral service"
                                       : Judge(need, *found->second);
    if (difference.empty()) continue;
    differences.push_back(
        absl::StrCat(NameOf(need.need), " of household ", need.household_id, ": ", difference));
  }
  for (const auto& [finding, referral] : by_finding_) {
    if (foreseen.contains(finding)) continue;
    differences.push_back(absl::StrCat("referral ", referral->referral_id(), " of household ",
                                       referral->household_id(), ": not in the ledger"));
  }
  for (const auto& [referral, times] : logs_.accepted) {
    if (known_.contains(referral)) continue;
    differences.push_back(
        absl::StrCat("a partner accepted ", referral, ", which is no referral of the landlord"));
  }
}

// Where the need waits; nothing when it has arrived.
std::string ReferralAudit::Judge(const SharedNeed& need,
                                 const referral::v1::Referral& referral) const {
  const std::string it = absl::StrCat("referral ", referral.referral_id(), " ");
  if (referral.household_id() != need.household_id || referral.tenant_id() != need.tenant_id ||
      referral.need() != need.need) {
    return it + "is about somebody else";
  }
  const int accepted = CountOf(logs_.accepted, referral.referral_id());
  if (accepted > 1) return absl::StrCat(it, "was accepted ", accepted, " times");
  if (!need.covered) {
    return accepted == 0 ? "" : it + "was accepted, though no partner covers it";
  }
  if (!IsAccepted(referral.state())) return it + WaitsFor(referral);
  if (accepted == 0) return it + "is accepted, but no partner's log says so";
  if (CountOf(logs_.received, referral.referral_id()) == 0) {
    return it + "is accepted, but no partner's log says that it came";
  }
  return "";
}

std::string ReferralAudit::WaitsFor(const referral::v1::Referral& referral) const {
  const auto& assignments = referral.assignments();
  const auto open = std::find_if(assignments.begin(), assignments.end(),
                                 [](const referral::v1::Assignment& given) {
                                   return given.state() == referral::v1::ASSIGNMENT_STATE_OPEN;
                                 });
  if (open == assignments.end()) {
    return absl::StrCat("is ", NameOf(referral.state()), " and nobody has it: see the worklist");
  }
  const std::string who = coverage_.NameOf(open->partner_id());
  return referral.state() == common::v1::REFERRAL_STATE_RECEIVED
             ? absl::StrCat("waits for somebody at ", who, " to accept it")
             : absl::StrCat("waits for the machine of ", who, " to take it");
}

int64_t ReferralAudit::CountIn(const std::map<std::string, int>& told) const {
  return std::count_if(told.begin(), told.end(), [this](const auto& entry) {
    const auto known = known_.find(entry.first);
    return known != known_.end() && known->second;
  });
}

}  // namespace veille::veillectl
