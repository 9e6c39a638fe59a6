#include "referral/handlers/partners.h"

#include "common/db/request_ledger.h"
#include "common/status/macros.h"
#include "referral/convert/partner.h"
#include "referral/errors.h"
#include "referral/store/partner_store.h"

namespace veille::referral::handlers {

async::Task<absl::StatusOr<pb::RegisterPartnerResponse>> RegisterPartner(
    RequestContext& context, const pb::RegisterPartnerRequest& request) {
  CO_ASSIGN_OR_RETURN(const PartnerRegistration registration,
                      FromProto(request, context.endpoints()));
  auto stored = co_await context.db().Write([&](db::WriteTx& tx) -> absl::StatusOr<Partner> {
    PartnerStore partners(tx, context.landlord());
    ASSIGN_OR_RETURN(const auto taken, db::TakeRequest(tx, context.landlord(), registration.request,
                                                       "RegisterPartner", ids::Uuid::Random()));
    const ids::PartnerId partner(taken.object_id);
    if (taken.repeated) return partners.Get(partner);
    if (!partners.Insert(partner, registration.draft, context.now())) {
      return errors::DuplicateName();
    }
    privacy::AppendAuditEvent(tx, context.Audit("partner", partner.uuid(), "partner directory"));
    return partners.Get(partner);
  });
  CO_ASSIGN_OR_RETURN(const Partner partner, std::move(stored));
  pb::RegisterPartnerResponse response;
  *response.mutable_partner() = ToProto(partner);
  co_return response;
}

async::Task<absl::StatusOr<pb::GetPartnerResponse>> GetPartner(
    RequestContext& context, const pb::GetPartnerRequest& request) {
  CO_ASSIGN_OR_RETURN(const ids::PartnerId id, FromProto(request));
  auto found = co_await context.db().Read([&](db::ReadTx& tx) -> absl::StatusOr<Partner> {
    return PartnerReader(tx, context.landlord()).Get(id);
  });
  CO_ASSIGN_OR_RETURN(const Partner partner, std::move(found));
  pb::GetPartnerResponse response;
  *response.mutable_partner() = ToProto(partner);
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
