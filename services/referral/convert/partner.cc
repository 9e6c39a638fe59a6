#include "referral/convert/partner.h"

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "common/web/target.h"
#include "referral/convert/fields.h"
#include "referral/convert/partner_key.h"
#include "referral/domain/commune.h"
#include "referral/domain/endpoint.h"

namespace veille::referral {
namespace {

constexpr int kLongestEndpoint = 255;

void CheckEndpoint(const std::string& endpoint, const EndpointPolicy& policy,
                   Violations& violations) {
  constexpr char kField[] = "partner.endpoint";
  if (endpoint.size() > kLongestEndpoint) {
    violations.Add(kField, absl::StrCat("must have at most ", kLongestEndpoint, " characters"));
  } else if (ChannelOf(endpoint) == PartnerChannel::kWebhook) {
    const absl::Status read = web::ParseTarget(endpoint).status();
    if (!read.ok()) violations.Add(kField, std::string(read.message()));
  } else if (policy.insecure_loopback && !IsLoopbackTarget(endpoint)) {
    violations.Add(kField,
                   "is not of this machine: without TLS only 127.0.0.1:PORT, [::1]:PORT and "
                   "localhost:PORT can be pushed to");
  } else if (const absl::Status read = web::ParseHostAndPort(endpoint).status(); !read.ok()) {
    violations.Add(kField, absl::StrCat(read.message(),
                                        "; write HOST:PORT or [IPv6]:PORT, such as "
                                        "inbox.example:443, or https://…"));
  }
}

Coverage ReadCoverage(const std::string& field, const pb::Coverage& coverage,
                      Violations& violations) {
  Coverage read;
  for (const std::string& commune :
       ReadCommunes(In(field, "commune_codes"), coverage.commune_codes(), 1, 5000, violations)) {
    read.communes.push_back(RoutingCommune(commune));
  }
  read.needs = ReadNeeds(In(field, "needs"), coverage.needs(), 1, violations);
  return read;
}

// Each need must be one that partners of this kind take.
void CheckKind(const PartnerDraft& draft, const pb::Partner& partner, Violations& violations) {
  for (int i = 0; i < partner.coverage_size(); ++i) {
    const auto& needs = partner.coverage(i).needs();
    for (int k = 0; k < needs.size(); ++k) {
      if (Takes(draft.kind, static_cast<Need>(needs[k]))) continue;
      violations.Add(At(In(At("partner.coverage", i), "needs"), k), kOnlyTownHalls);
    }
  }
}

PartnerPayload ReadPayload(int payload, Violations& violations) {
  if (payload == pb::PARTNER_PAYLOAD_UNSPECIFIED) return PartnerPayload::kThin;
  return ReadEnum<PartnerPayload>("partner.payload", payload, pb::PartnerPayload_IsValid,
                                  violations);
}

PartnerContact ReadContact(const pb::PartnerContact& contact, Violations& violations) {
  return {.role = ReadText("partner.second_contact.role", contact.role(), 0, 100, violations),
          .phone = ReadPhone("partner.second_contact.phone", contact.phone(), violations)};
}

// The channel follows from the endpoint; who names it must mean the same.
void CheckChannel(const pb::Partner& partner, Violations& violations) {
  if (!pb::PartnerChannel_IsValid(partner.channel())) {
    violations.Add("partner.channel", "is not a known value");
  } else if (partner.channel() == pb::PARTNER_CHANNEL_GRPC && partner.endpoint().empty()) {
    violations.Add("partner.endpoint", "is required for the channel GRPC");
  } else if (partner.channel() == pb::PARTNER_CHANNEL_WEBHOOK &&
             ChannelOf(partner.endpoint()) != PartnerChannel::kWebhook) {
    violations.Add("partner.endpoint", "begins with https:// for the channel WEBHOOK");
  } else if (partner.channel() == pb::PARTNER_CHANNEL_GRPC &&
             ChannelOf(partner.endpoint()) == PartnerChannel::kWebhook) {
    violations.Add("partner.endpoint", "is HOST:PORT for the channel GRPC");
  } else if (partner.channel() == pb::PARTNER_CHANNEL_BY_HAND && !partner.endpoint().empty()) {
    violations.Add("partner.endpoint", "must be empty for the channel BY_HAND");
  }
}

PartnerDraft ReadPartner(const pb::Partner& partner, const EndpointPolicy& policy,
                         Violations& violations) {
  PartnerDraft draft;
  draft.name = ReadText("partner.name", partner.name(), 1, 200, violations);
  draft.kind =
      ReadEnum<PartnerKind>("partner.kind", partner.kind(), pb::PartnerKind_IsValid, violations);
  CheckCount("partner.coverage", partner.coverage_size(), 1, 100, violations);
  for (int i = 0; i < partner.coverage_size(); ++i) {
    draft.coverage.push_back(
        ReadCoverage(At("partner.coverage", i), partner.coverage(i), violations));
  }
  CheckKind(draft, partner, violations);
  draft.endpoint = partner.endpoint();
  draft.contact_phone = partner.contact_phone();
  if (!draft.endpoint.empty()) CheckEndpoint(draft.endpoint, policy, violations);
  if (!draft.contact_phone.empty()) {
    ReadPhone("partner.contact_phone", draft.contact_phone, violations);
  } else if (draft.endpoint.empty()) {
    violations.Add("partner.contact_phone", "is required when endpoint is empty");
  }
  if (partner.has_second_contact()) {
    draft.second_contact = ReadContact(partner.second_contact(), violations);
  }
  CheckChannel(partner, violations);
  draft.payload = ReadPayload(partner.payload(), violations);
  draft.capacity =
      static_cast<int>(ReadNumber("partner.capacity", partner.capacity(), 0, 100000, violations));
  return draft;
}

}  // namespace

absl::StatusOr<PartnerRegistration> FromProto(const pb::RegisterPartnerRequest& request,
                                              const EndpointPolicy& policy) {
  Violations violations;
  PartnerRegistration registration;
  registration.request = ReadRequestId(request.request_id(), violations);
  if (request.has_partner()) {
    registration.draft = ReadPartner(request.partner(), policy, violations);
    registration.algorithm =
        ReadAlgorithm("signing_algorithm", request.signing_algorithm(), violations);
    registration.draft.on_trial = request.on_trial();
    if (request.on_trial() && registration.draft.endpoint.empty()) {
      violations.Add("on_trial",
                     "is for partners with an endpoint: who is told by hand has no machine");
    }
    if (request.signing_algorithm() != pb::SIGNING_ALGORITHM_UNSPECIFIED &&
        ChannelOf(registration.draft.endpoint) != PartnerChannel::kWebhook) {
      violations.Add("signing_algorithm", "is for webhooks only");
    }
  } else {
    violations.Add("partner", "is required");
  }
  RETURN_IF_ERROR(violations.ToStatus());
  return registration;
}

absl::StatusOr<ids::PartnerId> FromProto(const pb::GetPartnerRequest& request) {
  Violations violations;
  const auto partner = ReadId<ids::PartnerId>("partner_id", request.partner_id(), violations);
  RETURN_IF_ERROR(violations.ToStatus());
  return partner;
}

absl::StatusOr<Page> FromProto(const pb::ListPartnersRequest& request) {
  Violations violations;
  const Page page = ReadPage(request.page_size(), request.page_token(), violations);
  RETURN_IF_ERROR(violations.ToStatus());
  return page;
}

absl::StatusOr<CoverageQuestion> FromProto(const pb::CheckCoverageRequest& request) {
  Violations violations;
  CoverageQuestion question;
  question.communes = ReadCommunes("commune_codes", request.commune_codes(), 1, 1000, violations);
  question.needs = ReadNeeds("needs", request.needs(), 0, violations);
  RETURN_IF_ERROR(violations.ToStatus());
  if (question.needs.empty()) question.needs = NeedsOf(-1);
  return question;
}

pb::Partner ToProto(const Partner& partner) {
  pb::Partner proto;
  proto.set_partner_id(partner.id.ToString());
  proto.set_name(partner.registered.name);
  proto.set_kind(static_cast<pb::PartnerKind>(partner.registered.kind));
  for (const Coverage& coverage : partner.registered.coverage) {
    pb::Coverage& entry = *proto.add_coverage();
    for (const std::string& commune : coverage.communes) entry.add_commune_codes(commune);
    for (const Need need : coverage.needs) {
      entry.add_needs(static_cast<::veille::common::v1::Need>(need));
    }
  }
  proto.set_endpoint(partner.registered.endpoint);
  proto.set_contact_phone(partner.registered.contact_phone);
  proto.set_channel(static_cast<pb::PartnerChannel>(ChannelOf(partner.registered.endpoint)));
  const PartnerContact& second = partner.registered.second_contact;
  if (!second.phone.empty()) {
    proto.mutable_second_contact()->set_role(second.role);
    proto.mutable_second_contact()->set_phone(second.phone);
  }
  proto.set_payload(static_cast<pb::PartnerPayload>(partner.registered.payload));
  proto.set_capacity(partner.registered.capacity);
  proto.set_state(static_cast<pb::PartnerState>(partner.state));
  proto.set_suspension(static_cast<pb::PartnerSuspension>(partner.suspension));
  proto.set_intake(static_cast<pb::PartnerIntake>(partner.intake));
  proto.set_open_referrals(partner.open_referrals);
  proto.set_etag(Etag(partner.version));
  *proto.mutable_create_time() = ToProto(partner.create_time);
  return proto;
}

pb::CoverageAnswer ToProto(const CoverageAnswer& answer) {
  pb::CoverageAnswer proto;
  proto.set_commune_code(answer.commune);
  proto.set_need(static_cast<::veille::common::v1::Need>(answer.need));
  for (const ids::PartnerId partner : answer.partners) proto.add_partner_ids(partner.ToString());
  for (const ids::PartnerId partner : answer.full) proto.add_full_partner_ids(partner.ToString());
  for (const ids::PartnerId partner : answer.on_trial) {
    proto.add_trial_partner_ids(partner.ToString());
  }
  return proto;
}

}  // namespace veille::referral
