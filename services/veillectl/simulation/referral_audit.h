#pragma once

// Compares the referrals of a campaign and the partners' own logs with the needs that were agreed
// to be shared: each that a partner covers is accepted by a partner exactly once.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "veille/referral/v1/referral.pb.h"
#include "veillectl/simulation/household_audit.h"
#include "veillectl/simulation/partner_log.h"

namespace veille::veillectl {

class ReferralAudit {
 public:
  // `referrals`: all of the landlord, since partners do not tell campaigns apart. What is given
  // outlives the audit.
  ReferralAudit(const std::string& campaign_id,
                const std::vector<referral::v1::Referral>& referrals, const PartnerLogs& logs,
                const CoverageMap& coverage);

  // Adds a sentence for each need that has not arrived, with where it waits, and for each referral
  // that should not be.
  void Look(const std::vector<SharedNeed>& needs, std::vector<std::string>& differences) const;

  // Of the campaign; the last two by the partners' logs.
  int64_t created() const { return static_cast<int64_t>(by_finding_.size()); }
  int64_t received() const { return CountIn(logs_.received); }
  int64_t accepted() const { return CountIn(logs_.accepted); }

 private:
  std::string Judge(const SharedNeed& need, const referral::v1::Referral& referral) const;
  std::string WaitsFor(const referral::v1::Referral& referral) const;
  int64_t CountIn(const std::map<std::string, int>& told) const;

  const PartnerLogs& logs_;
  const CoverageMap& coverage_;
  std::map<std::string, const referral::v1::Referral*> by_finding_;  // of the campaign
  std::map<std::string, bool> known_;  // by referral; whether it is of the campaign
};

}  // namespace veille::veillectl
