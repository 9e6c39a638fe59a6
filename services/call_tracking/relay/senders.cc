#include "call_tracking/relay/senders.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "call_tracking/convert/outgoing.h"
#include "call_tracking/errors.h"
#include "call_tracking/store/outbox_seal.h"
#include "call_tracking/store/referral_update_store.h"
#include "common/status/macros.h"

namespace veille::call_tracking {
namespace {

using referral::v1::CreateReferralRequest;
using referral::v1::CreateReferralResponse;
using registry::v1::ContactSheet;

template <typename Request>
absl::StatusOr<Request> OpenPayload(const privacy::Seal& seal, const outbox::Message& message) {
  ASSIGN_OR_RETURN(const std::string plain,
                   seal.Open(OutboxSeal(message.landlord, message.id.uuid()), message.payload));
  Request request;
  if (!request.ParseFromString(plain)) return errors::Internal("an outbox payload does not read");
  return request;
}

// What referral.proto allows. A case must not be refused for being long: what does not fit goes on
// in the next line, and a partner reaches the tenant by the first phones.
constexpr int kMostSharedPhones = 20;
constexpr int kMostLines = 6;
constexpr size_t kLongestLine = 200;

// The number of bytes of `text` that are whole characters and at most `most`.
size_t WholeCharacters(const std::string& text, size_t most) {
  size_t size = std::min(most, text.size());
  while (size > 0 && size < text.size() &&
         (static_cast<unsigned char>(text[size]) & 0xc0) == 0x80) {
    --size;
  }
  return size;
}

void AddAddressLine(std::string line, referral::v1::SharedContact& contact) {
  while (!line.empty() && contact.address_lines_size() < kMostLines) {
    const size_t size = WholeCharacters(line, kLongestLine);
    contact.add_address_lines(line.substr(0, size));
    line.erase(0, size);
  }
}

// Adds how the partner reaches the subject, and whether the subject objects by now. Who objects to
// calls only is helped as agreed.
// HOUSEHOLD_NOT_FOUND when the register knows the subject no more: the case then is a
// coordinator's.
absl::Status AddFromRegister(const registry::v1::BatchGetContactSheetsResponse& sheets,
                             CreateReferralRequest& request) {
  const auto gone = [&] {
    return errors::HouseholdNotFound(
        ids::HouseholdId::Parse(request.household_id()).value_or(ids::HouseholdId()));
  };
  const auto& all = sheets.contact_sheets();
  const auto sheet = std::find_if(all.begin(), all.end(), [&](const ContactSheet& candidate) {
    return candidate.household_id() == request.household_id();
  });
  if (sheet == all.end()) return gone();
  const auto& tenants = sheet->tenants();
  const auto tenant = std::find_if(tenants.begin(), tenants.end(), [&](const auto& candidate) {
    return candidate.tenant_id() == request.tenant_id();
  });
  if (tenant == tenants.end()) return gone();
  request.set_household_version(sheet->version());
  request.set_objection(tenant->objection() && !tenant->calls_only());
  referral::v1::SharedContact& contact = *request.mutable_contact();
  contact.set_title(tenant->title());
  // The register may know a person by one name only; the contract asks for a family name.
  const bool has_family_name = !tenant->family_name().empty();
  contact.set_family_name(has_family_name ? tenant->family_name() : tenant->given_name());
  if (has_family_name) contact.set_given_name(tenant->given_name());
  for (const auto& phone : sheet->phones()) {
    if (contact.phones_size() < kMostSharedPhones) contact.add_phones(phone.e164());
  }
  for (const std::string& line : sheet->address_lines()) AddAddressLine(line, contact);
  contact.set_commune_name(sheet->commune_name());
  return absl::OkStatus();
}

// The need is in a referral already, of another finding: what becomes of that one is told of the
// other finding only, so its standing is stored here.
async::Task<absl::Status> StoreShared(SenderParts parts, ids::LandlordId landlord,
                                      CreateReferralRequest request,
                                      CreateReferralResponse response, absl::Time deadline) {
  const auto referral = ids::ReferralId::Parse(response.referral_id());
  const auto finding = ids::FindingId::Parse(request.finding_id());
  const auto campaign = ids::CampaignId::Parse(request.campaign_id());
  if (!referral.has_value() || !finding.has_value() || !campaign.has_value()) {
    co_return errors::Internal("the referral service answered without an id");
  }
  // A try whose answer was lost: the need was in it while it was open, and all that came of it
  // since is told of this finding too, the outcome among it, which is not in the answer.
  if (response.state() == veille::common::v1::REFERRAL_STATE_COMPLETED) {
    co_return absl::OkStatus();
  }
  const ReferralUpdate update{.referral = *referral,
                              .finding = *finding,
                              .campaign = *campaign,
                              .version = response.version(),
                              .state = static_cast<ReferralState>(response.state()),
                              .not_covered = response.partner_id().empty(),
                              .update_time = absl::Now()};
  const absl::Status stored = co_await parts.database.Write(
      {deadline, {}, {landlord}}, [&](db::WriteTx& tx) -> absl::Status {
        ReferralUpdateStore updates(tx, parts.seal, landlord);
        if (updates.LockVersion(update) >= update.version) return absl::OkStatus();
        return updates.Apply(update, update.update_time);
      });
  co_return stored;
}

async::Task<absl::Status> SendReferral(SenderParts parts, outbox::Message message,
                                       absl::Time deadline) {
  CO_ASSIGN_OR_RETURN(CreateReferralRequest request,
                      OpenPayload<CreateReferralRequest>(parts.seal, message));
  const rpc::Outgoing outgoing{.landlord = message.landlord, .deadline = deadline};
  registry::v1::BatchGetContactSheetsRequest asked;
  asked.add_queries()->set_household_id(request.household_id());
  asked.mutable_queries(0)->set_finding_id(request.finding_id());
  const auto sheets = co_await parts.registry.BatchGetContactSheets(asked, outgoing);
  if (!sheets.ok()) co_return sheets.status();
  CO_RETURN_IF_ERROR(AddFromRegister(*sheets, request));
  const auto created = co_await parts.referral.CreateReferral(request, outgoing);
  if (!created.ok()) co_return created.status();
  if (!created->existing()) co_return absl::OkStatus();
  request.clear_contact();
  const absl::Status stored =
      co_await StoreShared(parts, message.landlord, std::move(request), *created, deadline);
  co_return stored;
}

async::Task<absl::Status> SendPhone(SenderParts parts, outbox::Message message,
                                    absl::Time deadline) {
  CO_ASSIGN_OR_RETURN(auto request,
                      OpenPayload<registry::v1::ReportPhoneRequest>(parts.seal, message));
  const rpc::Outgoing outgoing{.landlord = message.landlord, .deadline = deadline};
  const auto reported = co_await parts.registry.ReportPhone(std::move(request), outgoing);
  // A number or a household that the register has no more needs no report.
  const errors::Reason reason = errors::ReasonOf(reported.status());
  if (reason == veille::common::v1::ERROR_REASON_PHONE_NOT_FOUND ||
      reason == veille::common::v1::ERROR_REASON_HOUSEHOLD_NOT_FOUND) {
    co_return absl::OkStatus();
  }
  co_return reported.status();
}

async::Task<absl::Status> SendCallObjection(SenderParts parts, outbox::Message message,
                                            absl::Time deadline) {
  CO_ASSIGN_OR_RETURN(auto request,
                      OpenPayload<registry::v1::RecordObjectionRequest>(parts.seal, message));
  const rpc::Outgoing outgoing{.landlord = message.landlord, .deadline = deadline};
  const auto recorded = co_await parts.registry.RecordObjection(std::move(request), outgoing);
  // Whom the register has no more, no later campaign calls.
  if (errors::ReasonOf(recorded.status()) == veille::common::v1::ERROR_REASON_HOUSEHOLD_NOT_FOUND) {
    co_return absl::OkStatus();
  }
  co_return recorded.status();
}

async::Task<absl::Status> SendObjection(SenderParts parts, outbox::Message message,
                                        absl::Time deadline) {
  CO_ASSIGN_OR_RETURN(auto request, OpenPayload<referral::v1::RecordHouseholdObjectionRequest>(
                                        parts.seal, message));
  const rpc::Outgoing outgoing{.landlord = message.landlord, .deadline = deadline};
  const auto recorded =
      co_await parts.referral.RecordHouseholdObjection(std::move(request), outgoing);
  co_return recorded.status();
}

}  // namespace

std::map<std::string, outbox::Topic> Topics(const SenderParts& parts) {
  return {{kCreateReferralTopic,
           {[parts](const outbox::Message& message, absl::Time deadline) {
              return SendReferral(parts, message, deadline);
            },
            [parts](db::WriteTx& tx, const outbox::Message& message) {
              return ReferralUpdateStore(tx, parts.seal, message.landlord)
                  .Refuse(ids::FindingId(message.id.uuid()), absl::Now());
            }}},
          {kRecordObjectionTopic,
           [parts](const outbox::Message& message, absl::Time deadline) {
             return SendCallObjection(parts, message, deadline);
           }},
          {kObjectionTopic,
           [parts](const outbox::Message& message, absl::Time deadline) {
             return SendObjection(parts, message, deadline);
           }},
          {kReportPhoneTopic, [parts](const outbox::Message& message, absl::Time deadline) {
             return SendPhone(parts, message, deadline);
           }}};
}

}  // namespace veille::call_tracking
