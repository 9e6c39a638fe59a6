#include "referral/handlers/partner_changes.h"

#include <utility>

#include "common/db/request_ledger.h"
#include "common/status/macros.h"
#include "referral/convert/fields.h"
#include "referral/convert/partner_change.h"
#include "referral/errors.h"
#include "referral/handlers/partner_keys.h"
#include "referral/store/delivery_store.h"
#include "referral/store/partner_changes.h"
#include "referral/store/partner_key_store.h"
#include "referral/store/partner_rests.h"
#include "referral/store/worklist_store.h"

namespace veille::referral::handlers {
namespace {

constexpr char kDirectoryPurpose[] = "partner directory";

// One change in its transaction, with its trace: the partner as it stands afterwards, or when the
// request was taken before. `change` is given the partner as it stands, locked.
template <typename Change>
absl::StatusOr<Partner> Carry(db::WriteTx& tx, const RequestContext& context,
                              const PartnerOrder& order, const Change& change) {
  PartnerChanges partners(tx, context.landlord());
  ASSIGN_OR_RETURN(const auto taken,
                   db::TakeRequest(tx, context.landlord(), order.request, context.method(),
                                   order.partner.uuid(), /*same_object=*/true));
  ASSIGN_OR_RETURN(const Partner before, partners.Lock(order.partner));
  if (taken.repeated) return before;
  if (!order.etag.empty() && order.etag != Etag(before.version)) return errors::EtagMismatch();
  RETURN_IF_ERROR(change(partners, before));
  privacy::AppendAuditEvent(tx, context.Audit("partner", order.partner.uuid(), kDirectoryPurpose));
  return partners.Lock(order.partner);
}

// Nothing is posted to a webhook unsigned.
absl::Status CheckKey(db::WriteTx& tx, const RequestContext& context, ids::PartnerId partner,
                      const PartnerDraft& draft) {
  if (ChannelOf(draft.endpoint) != PartnerChannel::kWebhook) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::vector<PartnerKey> keys,
                   PartnerKeyStore(tx, context.seal(), context.landlord()).List(partner));
  Violations violations;
  if (keys.empty()) {
    violations.Add("partner.endpoint",
                   "is a webhook, and the partner has no key yet: RotatePartnerKey gives it one");
  }
  return violations.ToStatus();
}

template <typename Response>
Response Answered(const RequestContext& context, const Partner& partner) {
  context.WakeLoops();
  Response response;
  *response.mutable_partner() = ToProto(partner);
  return response;
}

}  // namespace

async::Task<absl::StatusOr<pb::UpdatePartnerResponse>> UpdatePartner(
    RequestContext& context, const pb::UpdatePartnerRequest& request) {
  CO_ASSIGN_OR_RETURN(const PartnerUpdate update, FromProto(request));
  if (Names(update, "endpoint")) {
    CO_RETURN_IF_ERROR(co_await VetEndpoint(context, update.values.endpoint()));
  }
  auto changed = co_await context.db().Write([&](db::WriteTx& tx) -> absl::StatusOr<Partner> {
    const ids::PartnerId id = update.order.partner;
    return Carry(tx, context, update.order,
                 [&](PartnerChanges& partners, const Partner& before) -> absl::Status {
                   ASSIGN_OR_RETURN(const PartnerDraft draft,
                                    Changed(before, update, context.endpoints()));
                   RETURN_IF_ERROR(CheckKey(tx, context, id, draft));
                   if (!partners.Update(id, draft)) return errors::DuplicateName();
                   if (draft.endpoint == before.registered.endpoint) return absl::OkStatus();
                   if (before.suspension == PartnerSuspension::kEndpointGone) partners.Resume(id);
                   PartnerRests(tx, context.landlord(), id).EndUnlessForGood();
                   return absl::OkStatus();
                 });
  });
  CO_ASSIGN_OR_RETURN(const Partner partner, std::move(changed));
  co_return Answered<pb::UpdatePartnerResponse>(context, partner);
}

async::Task<absl::StatusOr<pb::SetCapacityResponse>> SetCapacity(
    RequestContext& context, const pb::SetCapacityRequest& request) {
  CO_ASSIGN_OR_RETURN(const IntakeChange change, FromProto(request));
  auto changed = co_await context.db().Write([&](db::WriteTx& tx) -> absl::StatusOr<Partner> {
    return Carry(tx, context, change.order,
                 [&](PartnerChanges& partners, const Partner& before) -> absl::Status {
                   partners.SetIntake(change.order.partner, change.intake,
                                      change.capacity.value_or(before.registered.capacity));
                   return absl::OkStatus();
                 });
  });
  CO_ASSIGN_OR_RETURN(const Partner partner, std::move(changed));
  co_return Answered<pb::SetCapacityResponse>(context, partner);
}

async::Task<absl::StatusOr<pb::PausePartnerResponse>> PausePartner(
    RequestContext& context, const pb::PausePartnerRequest& request) {
  CO_ASSIGN_OR_RETURN(const PartnerOrder order, FromProto(request));
  auto changed = co_await context.db().Write([&](db::WriteTx& tx) -> absl::StatusOr<Partner> {
    return Carry(tx, context, order, [&](PartnerChanges& partners, const Partner&) -> absl::Status {
      WorklistStore worklist(tx, context.seal(), context.landlord());
      for (const NotTold& held : partners.Pause(order.partner)) {
        worklist.PutNotTold(held, context.now());
      }
      return absl::OkStatus();
    });
  });
  CO_ASSIGN_OR_RETURN(const Partner partner, std::move(changed));
  co_return Answered<pb::PausePartnerResponse>(context, partner);
}

async::Task<absl::StatusOr<pb::ResumePartnerResponse>> ResumePartner(
    RequestContext& context, const pb::ResumePartnerRequest& request) {
  CO_ASSIGN_OR_RETURN(const PartnerOrder order, FromProto(request));
  auto changed = co_await context.db().Write([&](db::WriteTx& tx) -> absl::StatusOr<Partner> {
    return Carry(tx, context, order, [&](PartnerChanges& partners, const Partner&) -> absl::Status {
      partners.Resume(order.partner);
      return absl::OkStatus();
    });
  });
  CO_ASSIGN_OR_RETURN(const Partner partner, std::move(changed));
  co_return Answered<pb::ResumePartnerResponse>(context, partner);
}

async::Task<absl::StatusOr<pb::ReplayDeliveriesResponse>> ReplayDeliveries(
    RequestContext& context, const pb::ReplayDeliveriesRequest& request) {
  CO_ASSIGN_OR_RETURN(const Replay replay, FromProto(request, context.now()));
  auto replayed = co_await context.db().Write([&](db::WriteTx& tx) -> absl::StatusOr<int> {
    int deliveries = 0;
    RETURN_IF_ERROR(
        Carry(tx, context, replay.order, [&](PartnerChanges&, const Partner&) -> absl::Status {
          deliveries =
              DeliveryStore(tx, context.landlord()).Replay(replay.order.partner, replay.from);
          return absl::OkStatus();
        }).status());
    return deliveries;
  });
  CO_ASSIGN_OR_RETURN(const int deliveries, std::move(replayed));
  context.WakeLoops();
  pb::ReplayDeliveriesResponse response;
  response.set_deliveries(deliveries);
  co_return response;
}

}  // namespace veille::referral::handlers
