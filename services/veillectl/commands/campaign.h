#pragma once

// The commands of `veillectl campaign` that have files of their own, and what they share.

#include <ostream>
#include <string>

#include "CLI/CLI.hpp"
#include "veille/calls/v1/campaign_report.pb.h"
#include "veillectl/commands/session.h"

namespace veille::veillectl {

void DeclareCreateCampaign(CLI::App& group, Session& session);
void DeclareReports(CLI::App& group, Session& session);  // report, watch
void DeclareLeftOut(CLI::App& group, Session& session);

void PrintCampaign(const calls::v1::Campaign& campaign, std::ostream& out);
void PrintReport(const calls::v1::CampaignReport& report, std::ostream& out);

// How far a campaign is, in one line.
std::string ProgressLine(const calls::v1::CampaignReport& report);

// The required argument CAMPAIGN.
void AddCampaignArgument(CLI::App& command, std::string& campaign);

}  // namespace veille::veillectl
