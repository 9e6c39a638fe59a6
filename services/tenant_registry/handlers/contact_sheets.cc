#include "tenant_registry/handlers/contact_sheets.h"

#include <utility>

#include "common/status/macros.h"
#include "tenant_registry/convert/contact_sheet.h"

namespace veille::tenant_registry::handlers {

async::Task<absl::StatusOr<pb::BatchGetContactSheetsResponse>> BatchGetContactSheets(
    RequestContext& context, const pb::BatchGetContactSheetsRequest& request) {
  CO_ASSIGN_OR_RETURN(std::vector<ContactSheetQuery> queries, FromProto(request));
  std::vector<AskedSheet> asked;
  asked.reserve(queries.size());
  for (ContactSheetQuery& query : queries) {
    asked.push_back({context.landlord(), context.caller().subject, std::move(query)});
  }
  auto read = co_await context.contact_sheets().Read(std::move(asked), context.limits());
  CO_ASSIGN_OR_RETURN(const std::vector<ContactSheet> sheets, std::move(read));
  co_await context.executor().Hop();
  pb::BatchGetContactSheetsResponse response;
  for (const ContactSheet& sheet : sheets) {
    *response.add_contact_sheets() = ToProto(sheet, context.now());
  }
  co_return response;
}

}  // namespace veille::tenant_registry::handlers
