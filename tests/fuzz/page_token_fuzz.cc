// Any text as a page token of every kind: it is refused by its name, or it is one that could have
// been given out, and reads the same once written again.
//
// The first letter says whose token the rest is: P of an ordinary list, W of the worklist, E of
// audit events, V of a verification of the trail, L of the left-out.

#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>

#include "common/audit/convert.h"
#include "common/rpc/paging.h"
#include "fuzz/fuzz_target.h"
#include "referral/convert/paging.h"
#include "tenant_registry/convert/cohort.h"

namespace {

using namespace veille;  // NOLINT: all services are the subject

void Expect(bool holds, const char* what) {
  if (holds) return;
  std::cerr << "does not hold: " << what << "\n";
  std::abort();
}

// The token is refused, and nothing else is.
void CheckRefusal(const absl::Status& status) {
  Expect(absl::IsInvalidArgument(status), "a token is refused as an argument");
  Expect(status.message().find("page_token") != std::string::npos ||
             status.GetPayload("type.googleapis.com/google.rpc.BadRequest").has_value(),
         "it is named");
}

void TryList(const std::string& token) {
  errors::Violations violations;
  const rpc::Page page = rpc::ReadPage(0, token, violations);
  if (!violations.ToStatus().ok()) return CheckRefusal(violations.ToStatus());
  const rpc::Page again = rpc::ReadPage(0, page.after.ToString(), violations);
  Expect(token.empty() || again.after == page.after, "it reads the same again");
}

void TryWorklist(const std::string& token) {
  errors::Violations violations;
  const auto page = referral::ReadWorklistPage(0, token, violations);
  if (!violations.ToStatus().ok()) return CheckRefusal(violations.ToStatus());
  if (token.empty()) return;
  Expect(page.urgency >= 1 && page.urgency <= 3, "urgencies are ours");
  const auto again =
      referral::ReadWorklistPage(0, referral::WorklistToken(page.urgency, page.after), violations);
  Expect(again.urgency == page.urgency && again.after == page.after, "it reads the same again");
}

void TryEvents(const std::string& token) {
  audit::pb::ListAuditEventsRequest request;
  request.set_page_token(token);
  const auto listing = audit::FromProto(request);
  if (!listing.ok()) return CheckRefusal(listing.status());
  if (token.empty()) return;
  Expect(listing->after.time >= absl::UnixEpoch() &&
             listing->after.time <= absl::FromUnixSeconds(253'402'300'800),
         "events have happened");
  audit::ChainedEvent last;
  last.event.time = listing->after.time;
  last.event.id = listing->after.id;
  request.set_page_token(audit::EventToken(last));
  const auto again = audit::FromProto(request);
  Expect(again.ok() && again->after.time == last.event.time && again->after.id == last.event.id,
         "it reads the same again");
}

void TryVerification(const std::string& token) {
  const audit::Chain chain{"referral", ids::LandlordId::Random()};
  audit::pb::VerifyAuditTrailRequest request;
  request.set_page_token(token);
  const auto verification = audit::FromProto(chain, request);
  if (!verification.ok()) return CheckRefusal(verification.status());
  if (token.empty()) return;
  const audit::Head& reached = verification->from;
  Expect(reached.batch > 0 && reached.sequence > 0 && reached.hash.size() == 32, "it is a head");
  request.set_page_token(audit::VerificationToken(reached));
  const auto again = audit::FromProto(chain, request);
  Expect(again.ok() && again->from.batch == reached.batch &&
             again->from.sequence == reached.sequence && again->from.hash == reached.hash,
         "it reads the same again");
}

void TryLeftOut(const std::string& token) {
  tenant_registry::pb::ListLeftOutRequest request;
  request.mutable_rule()->set_minimum_age(70);
  request.mutable_rule()->mutable_reference_date()->set_year(2020);
  request.mutable_rule()->mutable_reference_date()->set_month(3);
  request.mutable_rule()->mutable_reference_date()->set_day(17);
  request.set_page_token(token);
  const auto query = tenant_registry::FromProto(request);
  if (!query.ok()) return CheckRefusal(query.status());
  if (token.empty()) return;
  Expect(query->from.has_value(), "it is a place");
  request.set_page_token(tenant_registry::ToPageToken(*query->from));
  const auto again = tenant_registry::FromProto(request);
  Expect(again.ok() && tenant_registry::ToPageToken(*again->from) == request.page_token(),
         "it reads the same again");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string token(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0]) {
    case 'P':
      TryList(token);
      break;
    case 'W':
      TryWorklist(token);
      break;
    case 'E':
      TryEvents(token);
      break;
    case 'V':
      TryVerification(token);
      break;
    case 'L':
      TryLeftOut(token);
      break;
    default:
      break;
  }
  return 0;
}
