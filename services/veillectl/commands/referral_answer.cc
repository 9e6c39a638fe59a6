#include "veillectl/commands/referral_answer.h"

#include "absl/strings/ascii.h"
#include "common/status/macros.h"
#include "veille/referral/v1/referral_service.grpc.pb.h"
#include "veillectl/client/failure.h"
#include "veillectl/client/input.h"
#include "veillectl/commands/partner_names.h"
#include "veillectl/commands/referral_print.h"

namespace veille::veillectl {
namespace {

using Referrals = referral::v1::ReferralService::Stub;

struct TelephoneAnswerArguments {
  std::string referral;
  int64_t fence = 0;
  std::string answer;
  std::string who_file;
  std::string time;
  std::string reason;   // declined
  std::string outcome;  // closed
  std::string note_file;
};

absl::Status RecordAnswer(Session& session, const TelephoneAnswerArguments& arguments) {
  const auto answer = ValueOf<referral::v1::PartnerAnswerKind>(arguments.answer);
  const bool is_reached = answer != referral::v1::PARTNER_ANSWER_KIND_NOT_REACHED;
  if (is_reached && arguments.who_file.empty()) {
    return UsageError("who answered? Give --who-file FILE (- is standard input)");
  }
  if (arguments.who_file == "-" && arguments.note_file == "-") {
    return UsageError("--who-file and --note-file cannot both be standard input");
  }
  ASSIGN_OR_RETURN(const Connection connection, session.Referral("coordinator"));
  referral::v1::RecordPartnerAnswerRequest request;
  request.set_request_id(session.RequestId());
  request.set_referral_id(arguments.referral);
  request.set_assignment_fence(arguments.fence);
  request.set_answer(answer);
  if (!arguments.who_file.empty()) {
    ASSIGN_OR_RETURN(const std::string who, ReadInput(arguments.who_file));
    request.set_answered_by(std::string(absl::StripAsciiWhitespace(who)));
  }
  if (!arguments.time.empty()) {
    ASSIGN_OR_RETURN(*request.mutable_answer_time(), ParseMoment(arguments.time));
  }
  request.set_decline_reason(ValueOf<common::v1::DeclineReason>(arguments.reason));
  request.set_outcome(ValueOf<common::v1::ReferralOutcome>(arguments.outcome));
  if (!arguments.note_file.empty()) {
    ASSIGN_OR_RETURN(*request.mutable_note(), ReadInput(arguments.note_file));
  }
  ASSIGN_OR_RETURN(const referral::v1::RecordPartnerAnswerResponse response,
                   connection.Call(&Referrals::RecordPartnerAnswer, request));
  ASSIGN_OR_RETURN(const PartnerNames names, PartnerNames::Read(connection));
  session.Print(response,
                [&](std::ostream& out) { PrintReferral(response.referral(), names, out); });
  return absl::OkStatus();
}

}  // namespace

void DeclareRecordAnswer(CLI::App& group, Session& session) {
  CLI::App* command = group.add_subcommand(
      "record-answer", "Records what a partner answered when it was telephoned");
  command->footer(R"(
ANSWER is what was said: not-reached (it stays on the worklist, and the deadline runs on), received
(they have it, and nobody has accepted it yet), accepted, declined (--reason; it goes to the next
partner), started, closed (--outcome). The fence says which assignment the call was about, as
`veillectl worklist list` and `veillectl referral show` print it: if somebody else has the case by
now, nothing is recorded (ASSIGNMENT_SUPERSEDED).

  echo "Mme B., accueil" | veillectl referral record-answer ID --fence 1 accepted --who-file -)");
  const auto arguments = std::make_shared<TelephoneAnswerArguments>();
  command->add_option("REFERRAL", arguments->referral, "id of the referral")
      ->required()
      ->check(IsUuid());
  command->add_option("ANSWER", arguments->answer, "not-reached, received, accepted, declined, …")
      ->required()
      ->check(IsOneOf<referral::v1::PartnerAnswerKind>());
  command->add_option("--fence", arguments->fence, "the assignment that the call was about")
      ->type_name("N")
      ->required()
      ->check(CLI::PositiveNumber);
  command
      ->add_option("--who-file", arguments->who_file,
                   "who answered, in a file (unless not-reached); - is standard input")
      ->type_name("FILE");
  command->add_option("--time", arguments->time, "when it was said, unless now")->type_name("TIME");
  command->add_option("--reason", arguments->reason, "why it is declined, such as no-capacity")
      ->type_name("REASON")
      ->check(IsOneOf<common::v1::DeclineReason>());
  command->add_option("--outcome", arguments->outcome, "what became of it, such as helped")
      ->type_name("OUTCOME")
      ->check(IsOneOf<common::v1::ReferralOutcome>());
  command
      ->add_option("--note-file", arguments->note_file,
                   "more about it (required for other and could-not-help); - is standard input")
      ->type_name("FILE");
  session.On(command, [&session, arguments] { return RecordAnswer(session, *arguments); });
}

}  // namespace veille::veillectl
