#include "tenant_registry/convert/cohort.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/rpc/fields.h"
#include "common/rpc/paging.h"
#include "common/status/macros.h"
#include "tenant_registry/domain/communes.h"
#include "tenant_registry/domain/text.h"

namespace veille::tenant_registry {
namespace {

using rpc::Violations;

constexpr int kMostNames = 1000;
// More faulty codes than this are not told one by one.
constexpr int kMostFaults = 20;

std::vector<std::string> ReadCommunes(const pb::CohortRule& rule, Violations& violations) {
  rpc::CheckCount("rule.commune_codes", rule.commune_codes_size(), 0, kMostNames, violations);
  std::vector<std::string> codes;
  int faults = 0;
  for (int i = 0; i < std::min(rule.commune_codes_size(), kMostNames); ++i) {
    if (const Commune* commune = Communes::All().Find(rule.commune_codes(i)); commune != nullptr) {
      codes.emplace_back(commune->code);
    } else if (++faults <= kMostFaults) {
      violations.Add(rpc::At("rule.commune_codes", i), "is not the INSEE code of a commune");
    }
  }
  return codes;
}

std::vector<std::string> ReadBuildings(const pb::CohortRule& rule, Violations& violations) {
  rpc::CheckCount("rule.buildings", rule.buildings_size(), 0, kMostNames, violations);
  std::vector<std::string> buildings;
  int faults = 0;
  for (int i = 0; i < std::min(rule.buildings_size(), kMostNames); ++i) {
    std::string name = CleanCell(rule.buildings(i)).value_or("");
    if ((name.empty() || CountCharacters(name) > 200) && ++faults <= kMostFaults) {
      violations.Add(rpc::At("rule.buildings", i), "must have 1 to 200 characters");
    }
    buildings.push_back(std::move(name));
  }
  return buildings;
}

CohortRule ReadRule(bool present, const pb::CohortRule& rule, Violations& violations) {
  CohortRule read;
  if (!present) {
    violations.Add("rule", "is required");
    return read;
  }
  read.minimum_age =
      static_cast<int>(rpc::ReadNumber("rule.minimum_age", rule.minimum_age(), 0, 120, violations));
  read.reference_date = rpc::ReadDate("rule.reference_date", rule.has_reference_date(),
                                      rule.reference_date(), violations);
  read.commune_codes = ReadCommunes(rule, violations);
  read.buildings = ReadBuildings(rule, violations);
  return read;
}

std::vector<LeftOutReason> ReadReasons(const pb::ListLeftOutRequest& request,
                                       Violations& violations) {
  rpc::CheckCount("reasons", request.reasons_size(), 0, 4, violations);
  std::vector<LeftOutReason> reasons;
  for (int i = 0; i < std::min(request.reasons_size(), 4); ++i) {
    reasons.push_back(static_cast<LeftOutReason>(rpc::ReadEnum<pb::LeftOutReason>(
        rpc::At("reasons", i), request.reasons(i), pb::LeftOutReason_IsValid, violations)));
  }
  if (reasons.empty()) {
    return {LeftOutReason::kObjection, LeftOutReason::kNoValidPhone, LeftOutReason::kRefusedRow};
  }
  std::sort(reasons.begin(), reasons.end());
  reasons.erase(std::unique(reasons.begin(), reasons.end()), reasons.end());
  return reasons;
}

// "2.0190c5e2-…" for households, "4.17" for refused rows.
std::optional<LeftOutPlace> ParsePlace(const std::string& token) {
  if (token.size() < 3 || token[0] < '1' || token[0] > '4' || token[1] != '.') return std::nullopt;
  LeftOutPlace place;
  place.reason = static_cast<LeftOutReason>(token[0] - '0');
  const std::string rest = token.substr(2);
  if (place.reason == LeftOutReason::kRefusedRow) {
    if (!absl::SimpleAtoi(rest, &place.after_row) || place.after_row < 0) return std::nullopt;
    return place;
  }
  const std::optional<HouseholdId> after = HouseholdId::Parse(rest);
  if (!after.has_value()) return std::nullopt;
  place.after = *after;
  return place;
}

pb::LeftOutReason ToProto(LeftOutReason reason) { return static_cast<pb::LeftOutReason>(reason); }

}  // namespace

absl::StatusOr<CohortRule> FromProto(const pb::PreviewCohortRequest& request) {
  Violations violations;
  CohortRule rule = ReadRule(request.has_rule(), request.rule(), violations);
  RETURN_IF_ERROR(violations.ToStatus());
  return rule;
}

absl::StatusOr<CohortSelection> FromProto(const pb::SelectCohortRequest& request) {
  Violations violations;
  CohortSelection selection;
  selection.rule = ReadRule(request.has_rule(), request.rule(), violations);
  if (!request.after_household_id().empty()) {
    selection.after =
        rpc::ReadId<HouseholdId>("after_household_id", request.after_household_id(), violations);
  }
  selection.include_left_out = request.include_left_out();
  RETURN_IF_ERROR(violations.ToStatus());
  return selection;
}

absl::StatusOr<LeftOutQuery> FromProto(const pb::ListLeftOutRequest& request) {
  Violations violations;
  LeftOutQuery query;
  query.rule = ReadRule(request.has_rule(), request.rule(), violations);
  query.reasons = ReadReasons(request, violations);
  query.page_size = static_cast<size_t>(rpc::ReadPage(request.page_size(), "", violations).size);
  if (!request.page_token().empty()) {
    query.from = ParsePlace(request.page_token());
    const bool known = query.from.has_value() &&
                       std::find(query.reasons.begin(), query.reasons.end(), query.from->reason) !=
                           query.reasons.end();
    if (!known) {
      violations.Add("page_token", "is not a next_page_token of this method; send it unchanged");
    }
  }
  RETURN_IF_ERROR(violations.ToStatus());
  return query;
}

std::string ToPageToken(const LeftOutPlace& place) {
  const std::string rest = place.reason == LeftOutReason::kRefusedRow
                               ? absl::StrCat(place.after_row)
                               : place.after.ToString();
  return absl::StrCat(static_cast<int>(place.reason), ".", rest);
}

void AddTo(const JudgedHousehold& household, bool include_left_out,
           pb::SelectCohortResponse& response) {
  if (household.left_out.has_value()) {
    if (!include_left_out) return;
    pb::LeftOut* left_out = response.add_left_out();
    left_out->set_household_id(household.id.ToString());
    left_out->set_reason(ToProto(*household.left_out));
    return;
  }
  pb::CohortEntry* entry = response.add_entries();
  entry->set_household_id(household.id.ToString());
  entry->set_commune_code(household.commune_code);
  entry->set_time_zone(household.time_zone);
  for (const TenantId& subject : household.subjects) entry->add_subject_ids(subject.ToString());
  for (const std::string& hash : household.phone_hashes) entry->add_phone_hashes(hash);
  entry->set_version(household.version);
}

pb::CohortCounts ToProto(const CohortCounts& counts) {
  pb::CohortCounts proto;
  proto.set_selected(counts.selected);
  proto.set_under_age(counts.under_age);
  proto.set_objection(counts.objection);
  proto.set_no_valid_phone(counts.no_valid_phone);
  return proto;
}

void AddTo(const CommuneCounts& communes, pb::PreviewCohortResponse& response) {
  for (const auto& [code, selected] : communes) {
    pb::CommuneCount& count = *response.add_communes();
    count.set_commune_code(code);
    const Commune* commune = Communes::All().Find(code);
    if (commune != nullptr) count.set_commune_name(std::string(commune->name));
    count.set_selected(selected);
  }
}

pb::LeftOutEntry ToProto(const LeftOutEntry& entry) {
  pb::LeftOutEntry proto;
  if (entry.household.has_value()) proto.set_household_id(entry.household->ToString());
  proto.set_reason(ToProto(entry.reason));
  proto.set_dwelling_number(entry.dwelling_number);
  proto.set_client_reference(entry.client_reference);
  for (const std::string& name : entry.names) proto.add_names(name);
  for (const std::string& line : entry.address_lines) proto.add_address_lines(line);
  proto.set_commune_code(entry.commune_code);
  proto.set_line_number(entry.line_number);
  proto.set_refusal(entry.refusal);
  return proto;
}

}  // namespace veille::tenant_registry
