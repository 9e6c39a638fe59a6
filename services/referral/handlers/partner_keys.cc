#include "referral/handlers/partner_keys.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/db/request_ledger.h"
#include "common/status/macros.h"
#include "common/web/caller.h"
#include "referral/convert/partner_key.h"
#include "referral/errors.h"
#include "referral/store/partner_changes.h"
#include "referral/store/partner_key_store.h"

namespace veille::referral::handlers {
namespace {

struct Rotated {
  web::WebhookKey key;
  std::optional<absl::Time> previous_expire_time;
};

// As the request left them, if it is not replaced again.
absl::StatusOr<Rotated> Shown(const std::vector<PartnerKey>& keys, ids::RequestId made_by) {
  if (keys.empty() || keys[0].made_by != made_by) return errors::PartnerKeyReplaced();
  return Rotated{keys[0].key, keys.size() > 1 ? keys[1].expire_time : std::nullopt};
}

}  // namespace

async::Task<absl::StatusOr<pb::RotatePartnerKeyResponse>> RotatePartnerKey(
    RequestContext& context, const pb::RotatePartnerKeyRequest& request) {
  CO_ASSIGN_OR_RETURN(const KeyOrder order, FromProto(request));
  CO_ASSIGN_OR_RETURN(const web::WebhookKey key, web::WebhookKey::Generate(order.algorithm));
  auto rotated = co_await context.db().Write([&](db::WriteTx& tx) -> absl::StatusOr<Rotated> {
    ASSIGN_OR_RETURN(const auto taken,
                     db::TakeRequest(tx, context.landlord(), order.request, context.method(),
                                     order.partner.uuid(), /*same_object=*/true));
    RETURN_IF_ERROR(PartnerChanges(tx, context.landlord()).Lock(order.partner).status());
    PartnerKeyStore keys(tx, context.seal(), context.landlord());
    if (!taken.repeated) {
      keys.Put(order.partner, order.request, key, context.now());
      privacy::AppendAuditEvent(
          tx, context.Audit("partner", order.partner.uuid(), "partner directory"));
    }
    ASSIGN_OR_RETURN(const std::vector<PartnerKey> all, keys.List(order.partner));
    return Shown(all, order.request);
  });
  CO_ASSIGN_OR_RETURN(const Rotated shown, std::move(rotated));
  pb::RotatePartnerKeyResponse response;
  *response.mutable_signing_key() = ToProto(shown.key);
  if (shown.previous_expire_time.has_value()) {
    *response.mutable_previous_expire_time() = rpc::ToProto(*shown.previous_expire_time);
  }
  co_return response;
}

async::Task<absl::Status> VetEndpoint(RequestContext& context, std::string endpoint) {
  const PartnerChannel channel = ChannelOf(endpoint);
  if (channel == PartnerChannel::kByHand) co_return absl::OkStatus();
  if (channel == PartnerChannel::kGrpc) {
    if (context.endpoints().insecure_loopback) co_return absl::OkStatus();
    endpoint = absl::StrCat("https://", endpoint);
  }
  const auto addresses =
      co_await context.web().Vet(std::move(endpoint), context.deadline(), context.stop());
  const absl::Status& vetted = addresses.status();
  if (absl::IsDeadlineExceeded(vetted)) co_return errors::DeadlinePassed();
  if (absl::IsCancelled(vetted)) co_return errors::Cancelled();
  Violations violations;
  if (!vetted.ok()) violations.Add("partner.endpoint", std::string(vetted.message()));
  co_return violations.ToStatus();
}

}  // namespace veille::referral::handlers
