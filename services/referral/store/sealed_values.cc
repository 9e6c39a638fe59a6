#include "referral/store/sealed_values.h"

#include <nlohmann/json.hpp>

#include "absl/strings/numbers.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "common/telemetry/log.h"

namespace veille::referral {
namespace {

using nlohmann::json;

absl::Status Unreadable() { return errors::Internal("a sealed value cannot be read"); }

absl::StatusOr<json> Parse(const std::string& text) {
  json value = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!value.is_object()) return Unreadable();
  return value;
}

}  // namespace

absl::StatusOr<int> SealedRow::OpenNumber(std::string_view column, const db::Bytes& sealed) const {
  ASSIGN_OR_RETURN(const std::string text, Open(column, sealed));
  int number = 0;
  if (!text.empty() && !absl::SimpleAtoi(text, &number)) return Unreadable();
  return number;
}

void LogUnreadable(ids::ReferralId referral) {
  log::Error("a sealed value does not open", {{"referral", referral}});
}

std::string ToJson(const SharedContact& contact) {
  return json{{"title", contact.title},
              {"family_name", contact.family_name},
              {"given_name", contact.given_name},
              {"phones", contact.phones},
              {"address_lines", contact.address_lines},
              {"commune_name", contact.commune_name}}
      .dump();
}

std::string ToJson(const SharingBasis& basis) {
  if (!basis.agreement.has_value()) {
    return json{{"vital_interest_reason", basis.vital_interest_reason}}.dump();
  }
  json agreement = {{"text_version", basis.agreement->text_version},
                    {"agree_micros", absl::ToUnixMicros(basis.agreement->agree_time)}};
  if (const auto& entry = basis.agreement->register_entry; entry.has_value()) {
    agreement["register_ground"] = static_cast<int>(entry->ground);
    agreement["non_objection_micros"] = absl::ToUnixMicros(entry->non_objection_time);
  }
  return agreement.dump();
}

absl::StatusOr<SharedContact> ContactFromJson(const std::string& text) {
  ASSIGN_OR_RETURN(const json value, Parse(text));
  const std::vector<std::string> none;
  return SharedContact{.title = value.value("title", ""),
                       .family_name = value.value("family_name", ""),
                       .given_name = value.value("given_name", ""),
                       .phones = value.value("phones", none),
                       .address_lines = value.value("address_lines", none),
                       .commune_name = value.value("commune_name", "")};
}

absl::StatusOr<SharingBasis> BasisFromJson(const std::string& text) {
  ASSIGN_OR_RETURN(const json value, Parse(text));
  SharingBasis basis;
  basis.vital_interest_reason = value.value("vital_interest_reason", "");
  if (value.contains("agree_micros")) {
    basis.agreement = SubjectAgreement{
        .text_version = value.value("text_version", ""),
        .agree_time = absl::FromUnixMicros(value.value("agree_micros", int64_t{0}))};
  }
  if (value.contains("register_ground") && basis.agreement.has_value()) {
    basis.agreement->register_entry =
        RegisterEntry{.ground = static_cast<RegisterGround>(value.value("register_ground", 0)),
                      .non_objection_time =
                          absl::FromUnixMicros(value.value("non_objection_micros", int64_t{0}))};
  }
  return basis;
}

absl::StatusOr<std::optional<RegisterEntry>> OpenRegisterEntry(const SealedRow& row,
                                                               const db::Bytes& basis) {
  ASSIGN_OR_RETURN(const std::string text, row.Open("basis", basis));
  if (text.empty()) return std::nullopt;
  ASSIGN_OR_RETURN(const SharingBasis opened, BasisFromJson(text));
  if (!opened.agreement.has_value()) return std::nullopt;
  return opened.agreement->register_entry;
}

}  // namespace veille::referral
