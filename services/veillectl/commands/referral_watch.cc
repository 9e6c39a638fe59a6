#include "veillectl/commands/referral_watch.h"

#include <limits>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "veille/referral/v1/referral_service.grpc.pb.h"
#include "veillectl/client/output.h"
#include "veillectl/commands/partner_names.h"

namespace veille::veillectl {
namespace {

constexpr absl::Duration kOneStream = absl::Hours(4);
constexpr absl::Duration kReferralWatchPause = absl::Seconds(1);

struct ReferralWatchArguments {
  std::string campaign;
  std::vector<std::string> states;
  std::string resume;
  int64_t most = std::numeric_limits<int64_t>::max();
};

// Whether the next call may go on where this one ended.
bool MayGoOn(const absl::Status& ended) {
  return absl::IsUnavailable(ended) || absl::IsDeadlineExceeded(ended);
}

class WatchReferrals {
 public:
  WatchReferrals(Session& session, Connection connection, const ReferralWatchArguments& arguments)
      : session_(session), connection_(std::move(connection)), left_(arguments.most) {
    request_.set_resume_token(arguments.resume);
    request_.set_campaign_id(arguments.campaign);
    for (const std::string& state : arguments.states) {
      request_.add_states(ValueOf<common::v1::ReferralState>(state));
    }
  }

  absl::Status Follow() {
    ASSIGN_OR_RETURN(names_, PartnerNames::Read(connection_));
    for (;;) {
      const absl::Status ended = FollowOnce();
      if (left_ <= 0) return absl::OkStatus();
      // Without a token nothing was ever answered: there is nothing to go on with.
      if (!MayGoOn(ended) || request_.resume_token().empty()) return ended;
      absl::SleepFor(kReferralWatchPause);
    }
  }

 private:
  absl::Status FollowOnce() {
    grpc::ClientContext context;
    connection_.Prepare(context, kOneStream);
    referral::v1::ReferralService::Stub stub(connection_.channel());
    const auto reader = stub.WatchReferrals(&context, request_);
    referral::v1::WatchReferralsResponse response;
    while (left_ > 0 && reader->Read(&response)) {
      request_.set_resume_token(response.resume_token());
      if (response.changes_size() > 0) Tell(response);
      left_ -= response.changes_size();
    }
    context.TryCancel();
    return rpc::FromGrpc(reader->Finish());
  }

  void Tell(const referral::v1::WatchReferralsResponse& response) const {
    session_.Print(response, [&](std::ostream& out) {
      for (const referral::v1::ReferralChange& change : response.changes()) {
        out << Moment(change.change_time()) << "  " << change.referral_id() << "  version "
            << change.version() << "  " << NameOf(change.state()) << "  "
            << NameOf(change.urgency()) << "  "
            << (change.partner_id().empty() ? "-" : names_.Of(change.partner_id())) << "\n";
      }
      out << "resume with --resume " << response.resume_token() << std::endl;
    });
  }

  Session& session_;
  const Connection connection_;
  PartnerNames names_;
  referral::v1::WatchReferralsRequest request_;
  int64_t left_;
};

}  // namespace

void DeclareReferralWatch(CLI::App& group, Session& session) {
  CLI::App* watch =
      group.add_subcommand("watch", "Follows the changes of referrals, until it is interrupted");
  watch->footer(R"(
Tells each change from now on: which referral, its version, where it stands and who has it; nothing of
what it is about (veillectl referral show). After a break it goes on where it was; --resume does so
with what an earlier one told last.)");
  const auto arguments = std::make_shared<ReferralWatchArguments>();
  watch->add_option("--campaign", arguments->campaign, "only those of this campaign")
      ->type_name("ID")
      ->check(IsUuid());
  watch->add_option("--state", arguments->states, "only changes to these states, such as accepted")
      ->type_name("STATE")
      ->check(IsOneOf<common::v1::ReferralState>());
  watch->add_option("--resume", arguments->resume, "what came after this token too")
      ->type_name("TOKEN");
  watch->add_option("--most", arguments->most, "end after so many changes, or a few more")
      ->type_name("NUMBER")
      ->check(CLI::PositiveNumber);
  session.On(watch, [&session, arguments]() -> absl::Status {
    ASSIGN_OR_RETURN(Connection connection, session.Referral("coordinator"));
    return WatchReferrals(session, std::move(connection), *arguments).Follow();
  });
}

}  // namespace veille::veillectl
