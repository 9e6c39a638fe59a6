#include "referral/handlers/partners.h"

#include "common/db/request_ledger.h"
#include "common/status/macros.h"
#include "referral/convert/partner.h"
#include "referral/convert/partner_key.h"
#include "referral/convert/partner_test.h"
#include "referral/errors.h"
#include "referral/handlers/partner_keys.h"
#include "referral/store/partner_key_store.h"
#include "referral/store/partner_store.h"
#include "referral/store/partner_test_store.h"

namespace veille::referral::handlers {
namespace {

struct Registered {
  Partner partner;
  std::optional<web::WebhookKey> key;  // that the request made, while it is the current one
};

struct PartnerAndTest {
  Partner partner;
  std::optional<PartnerTest> test;
};

absl::StatusOr<Registered> AsRegistered(PartnerReader& partners, PartnerKeyReader& keys,
                                        ids::PartnerId id, ids::RequestId request) {
  ASSIGN_OR_RETURN(Partner partner, partners.Get(id));
  ASSIGN_OR_RETURN(const std::vector<PartnerKey> all, keys.List(id));
  Registered registered{std::move(partner), std::nullopt};
  if (!all.empty() && all[0].made_by == request) registered.key = all[0].key;
  return registered;
}

}  // namespace

async::Task<absl::StatusOr<pb::RegisterPartnerResponse>> RegisterPartner(
    RequestContext& context, const pb::RegisterPartnerRequest& request) {
  CO_ASSIGN_OR_RETURN(const PartnerRegistration registration,
                      FromProto(request, context.endpoints()));
  CO_RETURN_IF_ERROR(co_await VetEndpoint(context, registration.draft.endpoint));
  CO_ASSIGN_OR_RETURN(const web::WebhookKey key, web::WebhookKey::Generate(registration.algorithm));
  const bool is_webhook = ChannelOf(registration.draft.endpoint) == PartnerChannel::kWebhook;
  auto stored = co_await context.db().Write([&](db::WriteTx& tx) -> absl::StatusOr<Registered> {
    PartnerStore partners(tx, context.landlord());
    ASSIGN_OR_RETURN(const auto taken, db::TakeRequest(tx, context.landlord(), registration.request,
                                                       "RegisterPartner", ids::Uuid::Random()));
    const ids::PartnerId partner(taken.object_id);
    PartnerKeyStore keys(tx, context.seal(), context.landlord());
    if (taken.repeated) return AsRegistered(partners, keys, partner, registration.request);
    if (!partners.Insert(partner, registration.draft, context.now())) {
      return errors::DuplicateName();
    }
    if (is_webhook) keys.Put(partner, registration.request, key, context.now());
    privacy::AppendAuditEvent(tx, context.Audit("partner", partner.uuid(), "partner directory"));
    return AsRegistered(partners, keys, partner, registration.request);
  });
  CO_ASSIGN_OR_RETURN(const Registered registered, std::move(stored));
  pb::RegisterPartnerResponse response;
  *response.mutable_partner() = ToProto(registered.partner);
  if (registered.key.has_value()) *response.mutable_signing_key() = ToProto(*registered.key);
  co_return response;
}

async::Task<absl::StatusOr<pb::GetPartnerResponse>> GetPartner(
    RequestContext& context, const pb::GetPartnerRequest& request) {
  CO_ASSIGN_OR_RETURN(const ids::PartnerId id, FromProto(request));
  auto found = co_await context.db().Read([&](db::ReadTx& tx) -> absl::StatusOr<PartnerAndTest> {
    ASSIGN_OR_RETURN(Partner partner, PartnerReader(tx, context.landlord()).Get(id));
    return PartnerAndTest{std::move(partner), PartnerTestReader(tx, context.landlord()).Find(id)};
  });
  CO_ASSIGN_OR_RETURN(const PartnerAndTest partner, std::move(found));
  pb::GetPartnerResponse response;
  *response.mutable_partner() = ToProto(partner.partner);
  if (partner.test.has_value()) *response.mutable_last_test() = ToProto(*partner.test);
  co_return response;
}

async::Task<absl::StatusOr<pb::ListPartnersResponse>> ListPartners(
    RequestContext& context, const pb::ListPartnersRequest& request) {
  CO_ASSIGN_OR_RETURN(const Page page, FromProto(request));
  auto listed =
      co_await context.db().Read([&](db::ReadTx& tx) -> absl::StatusOr<std::vector<Partner>> {
        return PartnerReader(tx, context.landlord()).List(page.after, page.size + 1);
      });
  CO_ASSIGN_OR_RETURN(std::vector<Partner> partners, std::move(listed));
  pb::ListPartnersResponse response;
  if (CutToPage(partners, page.size)) response.set_next_page_token(partners.back().id.ToString());
  for (const Partner& partner : partners) *response.add_partners() = ToProto(partner);
  co_return response;
}

async::Task<absl::StatusOr<pb::CheckCoverageResponse>> CheckCoverage(
    RequestContext& context, const pb::CheckCoverageRequest& request) {
  CO_ASSIGN_OR_RETURN(const CoverageQuestion question, FromProto(request));
  auto checked = co_await context.db().Read([&](db::ReadTx& tx)
                                                -> absl::StatusOr<std::vector<CoverageAnswer>> {
    return PartnerReader(tx, context.landlord()).CheckCoverage(question.communes, question.needs);
  });
  CO_ASSIGN_OR_RETURN(const std::vector<CoverageAnswer> answers, std::move(checked));
  pb::CheckCoverageResponse response;
  for (const CoverageAnswer& answer : answers) *response.add_answers() = ToProto(answer);
  co_return response;
}

}  // namespace veille::referral::handlers
