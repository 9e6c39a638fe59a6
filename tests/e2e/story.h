#pragma once

// One case, the whole way: a landlord's register, a campaign, one call in which somebody says that
// there is nothing left to eat, a referral, a partner who helps, and the outcome back where the
// call was recorded.
//
// Every step can be repeated: it sends the same request id again. A step fails only for what the
// programme answered; what it answered well is kept for the next steps and for the test to look at.
// Each story has a landlord, a partner and an inbox of its own, so that many can run in one
// programme.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "e2e/inbox.h"
#include "e2e/programme.h"
#include "veille/calls/v1/call_service.pb.h"
#include "veille/calls/v1/campaign_service.pb.h"
#include "veille/referral/v1/referral_service.pb.h"
#include "veille/registry/v1/register_row.pb.h"

namespace veille::e2e {

class Story {
 public:
  // Nothing is done yet.
  explicit Story(Programme& programme);

  struct Step {
    std::string name;
    absl::Status (Story::*run)();
  };
  static const std::vector<Step>& Steps();  // in order

  absl::Status CreateLandlord();
  absl::Status ImportRegister();
  absl::Status PublishScript();
  absl::Status EnrolVolunteer();
  absl::Status RegisterPartner();  // and starts its inbox
  absl::Status CreateCampaign();
  absl::Status OpenCampaign();
  absl::Status LeaseCall();
  absl::Status RecordCall();  // "I have nothing left to eat, and you may tell who can help"
  absl::Status AwaitNotice();
  absl::Status AwaitAcceptance();
  absl::Status AwaitClosing();
  absl::Status AwaitOutcome();  // in call-tracking
  absl::Status LeaseToVerify();
  absl::Status RecordThatHelpCame();

  // What a coordinator sees.
  absl::StatusOr<calls::v1::ExplainHouseholdResponse> Explain() const;
  absl::StatusOr<calls::v1::CampaignReport> Report() const;
  absl::StatusOr<referral::v1::ListReferralsResponse> Referrals() const;
  absl::StatusOr<referral::v1::GetReferralResponse> Referral() const;
  absl::StatusOr<referral::v1::ListWorklistResponse> Worklist() const;

  // What the volunteer sees of its own cases.
  absl::StatusOr<calls::v1::ListMyOutcomesResponse> Outcomes() const;

  // Connections of this landlord's people.
  veillectl::Connection As(Service service, const std::string& role) const;

  // The one subject whom RecordCall is about; needs LeaseCall.
  const calls::v1::SheetTenant& subject() const;
  // The finding that names a need; needs RecordCall.
  const calls::v1::Finding& finding() const;

  Programme& programme() const { return programme_; }

  // What the steps brought.
  std::string landlord_id;
  registry::v1::ImportTotals totals;
  std::string script_id;
  std::string volunteer_id;
  std::string partner_id;
  std::unique_ptr<Inbox> inbox;
  calls::v1::Campaign campaign;
  calls::v1::CallSheet sheet;
  calls::v1::RecordCallResponse recorded;
  std::string referral_id;
  calls::v1::CallSheet sheet_to_verify;

 private:
  // The same id each time for the same step.
  std::string RequestId(const std::string& step) const;

  Programme& programme_;
  const std::string name_;  // unique, of the landlord
  const std::string inbox_address_;
};

// Whether a repetition of the same step can help.
bool WorthRepeating(const absl::Status& status);

// Runs one step, again and again while the programme does not answer.
absl::Status Insist(Story& story, const Story::Step& step);

// The end that every story has, whatever happened on its way: one call that flags a case, one
// referral, one acceptance, the outcome known where the call was recorded, one call in which the
// tenant says that help came. Stops the inbox.
void ExpectTheOneEnd(Story& story);

}  // namespace veille::e2e
