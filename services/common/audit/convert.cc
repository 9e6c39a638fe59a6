#include "common/audit/convert.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/rpc/fields.h"
#include "common/status/errors.h"
#include "common/status/macros.h"

namespace veille::audit {
namespace {

constexpr int kUsualPage = 50;
constexpr int kLargestPage = 1000;
constexpr int kMostKnownHeads = 100;
constexpr size_t kHashLength = 32;
constexpr size_t kSignatureLength = 64;
constexpr char kBadToken[] = "is not a next_page_token of this method; send it unchanged";

// What an event's time can be: what is outside, the database may not even hold.
constexpr int64_t kYear10000 = 253'402'300'800'000'000;  // in microseconds

EventPlace ReadEventPlace(const std::string& token, errors::Violations& violations) {
  EventPlace place;
  if (token.empty()) return place;
  const std::vector<std::string> parts = absl::StrSplit(token, '.');
  int64_t micros = 0;
  const auto id = parts.size() == 2 ? ids::Uuid::Parse(parts[1]) : std::nullopt;
  if (!id.has_value() || !absl::SimpleAtoi(parts[0], &micros) || micros < 0 ||
      micros >= kYear10000) {
    violations.Add("page_token", kBadToken);
    return place;
  }
  return {absl::FromUnixMicros(micros), *id};
}

// "batch.sequence.hash"
Head ReadReached(const std::string& token, errors::Violations& violations) {
  Head head;
  if (token.empty()) return head;
  const std::vector<std::string> parts = absl::StrSplit(token, '.');
  const bool fits = parts.size() == 3 && absl::SimpleAtoi(parts[0], &head.batch) &&
                    absl::SimpleAtoi(parts[1], &head.sequence) && head.batch > 0 &&
                    head.sequence > 0 && parts[2].size() == 2 * kHashLength &&
                    std::all_of(parts[2].begin(), parts[2].end(), absl::ascii_isxdigit);
  if (fits) head.hash = absl::HexStringToBytes(parts[2]);
  if (!fits) violations.Add("page_token", kBadToken);
  return head;
}

Head ReadKnown(const std::string& field, const Chain& chain, const pb::AuditHead& head,
               errors::Violations& violations) {
  if (head.landlord_id() != chain.landlord.ToString()) {
    violations.Add(rpc::In(field, "landlord_id"), "is another landlord's head");
  }
  if (head.service() != chain.service) {
    violations.Add(rpc::In(field, "service"), absl::StrCat("is not a head of ", chain.service));
  }
  if (head.head().size() != kHashLength) {
    violations.Add(rpc::In(field, "head"), "must have 32 bytes");
  }
  if (!head.signature().empty() && head.signature().size() != kSignatureLength) {
    violations.Add(rpc::In(field, "signature"), "must have 64 bytes, or none");
  }
  constexpr int64_t kLargest = std::numeric_limits<int64_t>::max();
  return {.batch = rpc::ReadNumber(rpc::In(field, "batch"), head.batch(), 1, kLargest, violations),
          .sequence =
              rpc::ReadNumber(rpc::In(field, "sequence"), head.sequence(), 1, kLargest, violations),
          .hash = head.head(),
          .chain_time = rpc::ReadTime(rpc::In(field, "chain_time"), head.has_chain_time(),
                                      head.chain_time(), violations),
          .key_id = rpc::ReadText(rpc::In(field, "key_id"), head.key_id(), 0, 64, violations),
          .signature = head.signature()};
}

}  // namespace

absl::StatusOr<EventListing> FromProto(const pb::ListAuditEventsRequest& request) {
  errors::Violations violations;
  EventListing listing;
  listing.page_size = static_cast<int>(
      rpc::ReadNumber("page_size", request.page_size(), 0, kLargestPage, violations));
  if (listing.page_size == 0) listing.page_size = kUsualPage;
  listing.after = ReadEventPlace(request.page_token(), violations);
  EventFilter& filter = listing.filter;
  if (!request.object_id().empty()) {
    filter.object = rpc::ReadUuid("object_id", request.object_id(), violations);
  }
  filter.actor = rpc::ReadText("actor", request.actor(), 0, 200, violations);
  filter.method = rpc::ReadText("method", request.method(), 0, 100, violations);
  if (request.has_start_time()) {
    filter.start = rpc::ReadTime("start_time", true, request.start_time(), violations);
  }
  if (request.has_end_time()) {
    filter.end = rpc::ReadTime("end_time", true, request.end_time(), violations);
  }
  if (filter.start >= filter.end) violations.Add("end_time", "must be after start_time");
  filter.only_with_reason = request.only_with_reason();
  filter.only_denied = request.only_denied();
  RETURN_IF_ERROR(violations.ToStatus());
  return listing;
}

absl::StatusOr<VerificationRequest> FromProto(const Chain& chain,
                                              const pb::VerifyAuditTrailRequest& request) {
  errors::Violations violations;
  VerificationRequest verification;
  verification.from = ReadReached(request.page_token(), violations);
  rpc::CheckCount("known_heads", request.known_heads_size(), 0, kMostKnownHeads, violations);
  for (int i = 0; i < request.known_heads_size(); ++i) {
    verification.known.push_back(
        ReadKnown(rpc::At("known_heads", i), chain, request.known_heads(i), violations));
  }
  RETURN_IF_ERROR(violations.ToStatus());
  return verification;
}

pb::AuditEvent ToProto(const std::string& service, const ChainedEvent& chained) {
  const Event& event = chained.event;
  pb::AuditEvent proto;
  proto.set_event_id(event.id.ToString());
  *proto.mutable_event_time() = rpc::ToProto(event.time);
  proto.set_actor_role(event.actor_role);
  proto.set_actor(event.actor);
  proto.set_method(event.method);
  proto.set_object_kind(event.object_kind);
  proto.set_object_id(event.object.ToString());
  if (!event.household.is_nil()) proto.set_household_id(event.household.ToString());
  proto.set_purpose(event.purpose);
  proto.set_reason(event.reason);
  proto.set_outcome(event.outcome);
  proto.set_sequence(chained.sequence);
  proto.set_service(service);
  return proto;
}

pb::AuditHead ToProto(const Chain& chain, const Head& head) {
  pb::AuditHead proto;
  proto.set_landlord_id(chain.landlord.ToString());
  proto.set_service(chain.service);
  proto.set_batch(head.batch);
  proto.set_sequence(head.sequence);
  proto.set_head(head.hash);
  *proto.mutable_chain_time() = rpc::ToProto(head.chain_time);
  proto.set_key_id(head.key_id);
  proto.set_signature(head.signature);
  return proto;
}

pb::AuditProblem ToProto(const Problem& problem) {
  pb::AuditProblem proto;
  proto.set_kind(static_cast<pb::AuditProblemKind>(problem.kind));
  proto.set_batch(problem.batch);
  proto.set_sequence(problem.sequence);
  return proto;
}

std::string EventToken(const ChainedEvent& last) {
  return absl::StrCat(absl::ToUnixMicros(last.event.time), ".", last.event.id.ToString());
}

std::string VerificationToken(const Head& reached) {
  return absl::StrCat(reached.batch, ".", reached.sequence, ".",
                      absl::BytesToHexString(reached.hash));
}

}  // namespace veille::audit
