#include "referral/handlers/partner_tests.h"

#include <utility>

#include "common/db/request_ledger.h"
#include "common/status/macros.h"
#include "referral/convert/partner_test.h"
#include "referral/errors.h"
#include "referral/store/partner_changes.h"
#include "referral/store/partner_test_store.h"

namespace veille::referral::handlers {
namespace {

absl::StatusOr<PartnerTest> TestInProgress(PartnerTestReader& tests, ids::PartnerId partner) {
  std::optional<PartnerTest> test = tests.Find(partner);
  if (!test.has_value()) return absl::InternalError("a partner's test is gone");
  return *std::move(test);
}

}  // namespace

async::Task<absl::StatusOr<pb::TestPartnerResponse>> TestPartner(
    RequestContext& context, const pb::TestPartnerRequest& request) {
  CO_ASSIGN_OR_RETURN(const PartnerOrder order, FromProto(request));
  auto begun = co_await context.db().Write([&](db::WriteTx& tx) -> absl::StatusOr<PartnerTest> {
    ASSIGN_OR_RETURN(const auto taken,
                     db::TakeRequest(tx, context.landlord(), order.request, context.method(),
                                     order.partner.uuid(), /*same_object=*/true));
    ASSIGN_OR_RETURN(const Partner partner,
                     PartnerChanges(tx, context.landlord()).Lock(order.partner));
    PartnerTestStore tests(tx, context.landlord());
    if (taken.repeated) return TestInProgress(tests, order.partner);
    if (partner.registered.endpoint.empty() || partner.state == PartnerState::kSuspended) {
      return errors::PartnerNotPushedTo();
    }
    tests.Begin(order.partner);
    privacy::AppendAuditEvent(tx,
                              context.Audit("partner", order.partner.uuid(), "partner directory"));
    return TestInProgress(tests, order.partner);
  });
  CO_ASSIGN_OR_RETURN(const PartnerTest test, std::move(begun));
  context.WakeLoops();
  pb::TestPartnerResponse response;
  *response.mutable_test() = ToProto(test);
  co_return response;
}

}  // namespace veille::referral::handlers
