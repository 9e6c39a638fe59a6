#include "referral/handlers/disclosures.h"

#include <utility>
#include <vector>

#include "common/rpc/fields.h"
#include "common/status/macros.h"
#include "referral/errors.h"
#include "referral/store/referral_audit.h"
#include "referral/store/statement_reader.h"

namespace veille::referral::handlers {
namespace {

constexpr char kStatementPurpose[] = "disclosure statement";

}  // namespace

async::Task<absl::StatusOr<pb::GetDisclosureStatementResponse>> GetDisclosureStatement(
    RequestContext& context, const pb::GetDisclosureStatementRequest& request) {
  CO_ASSIGN_OR_RETURN(const StatementRequest asked, FromProto(request));
  auto read = co_await context.db().Write(
      [&](db::WriteTx& tx) -> absl::StatusOr<std::vector<DisclosedCase>> {
        std::vector<DisclosedCase> cases =
            StatementReader(tx, context.seal(), context.landlord())
                .List(asked.tenant, asked.page.after, asked.page.size + 1);
        if (cases.empty() && asked.page.after.is_nil()) return errors::NoReferralOfPerson();
        AppendListEvents(
            tx, context.Audit("disclosure statement", asked.tenant.uuid(), kStatementPurpose),
            cases, &DisclosedCase::referral, asked.page.size);
        return cases;
      });
  CO_ASSIGN_OR_RETURN(std::vector<DisclosedCase> cases, std::move(read));
  pb::GetDisclosureStatementResponse response;
  if (CutToPage(cases, asked.page.size)) {
    response.set_next_page_token(cases.back().referral.ToString());
  }
  for (const DisclosedCase& told : cases) *response.add_cases() = ToProto(told);
  *response.mutable_statement_time() = rpc::ToProto(context.now());
  co_return response;
}

}  // namespace veille::referral::handlers
