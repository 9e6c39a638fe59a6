#include "veillectl/inbox/inbox_service.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/access/caller.h"
#include "common/rpc/status.h"
#include "common/status/errors.h"
#include "common/status/macros.h"

namespace veille::veillectl {
namespace {

namespace pb = ::veille::partner::v1;
namespace common = ::veille::common::v1;

absl::Status CheckCaller(const rpc::Authenticator& authenticator,
                         const grpc::CallbackServerContext& context, const std::string& landlord) {
  ASSIGN_OR_RETURN(const access::Caller caller, authenticator.Identify(context));
  if (caller.role != common::ROLE_SERVICE || caller.subject != "referral" ||
      caller.landlord.ToString() != landlord) {
    return errors::Make(absl::StatusCode::kPermissionDenied, common::ERROR_REASON_ACCESS_DENIED,
                        "only the referral service of this partner's landlord delivers here");
  }
  return absl::OkStatus();
}

// A call that is answered by nobody: it ends when its caller, or this server, gives it up.
class HeldCall final : public grpc::ServerUnaryReactor {
 public:
  void OnCancel() override { Finish(grpc::Status::CANCELLED); }
  void OnDone() override { delete this; }
};

}  // namespace

InboxService::InboxService(const rpc::Authenticator& authenticator, std::string landlord,
                           EventLog& log, OnNotice on_notice, bool silent)
    : authenticator_(authenticator),
      landlord_(std::move(landlord)),
      log_(log),
      on_notice_(std::move(on_notice)),
      silent_(silent) {}

grpc::ServerUnaryReactor* InboxService::DeliverReferral(grpc::CallbackServerContext* context,
                                                        const pb::DeliverReferralRequest* request,
                                                        pb::DeliverReferralResponse* response) {
  const absl::Status taken = Take(*context, *request, *response);
  if (taken.ok() && silent_) return new HeldCall;
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  reactor->Finish(rpc::ToGrpc(taken));
  return reactor;
}

absl::Status InboxService::Take(const grpc::CallbackServerContext& context,
                                const pb::DeliverReferralRequest& request,
                                pb::DeliverReferralResponse& response) {
  RETURN_IF_ERROR(CheckCaller(authenticator_, context, landlord_));
  const Notice notice{request.referral_id(), request.assignment_fence()};
  if (silent_) {
    log_.Did("held", notice);
    return absl::OkStatus();
  }
  if (request.withdrawn()) {
    log_.Did("withdrawn", notice);
  } else {
    log_.Received(notice, request.delivery_id(), request.version());
    if (on_notice_) on_notice_(notice);
  }
  // The same number for the same delivery, however often it comes.
  response.set_receipt_number(absl::StrCat("sample-", request.delivery_id().substr(0, 8)));
  return absl::OkStatus();
}

}  // namespace veille::veillectl
