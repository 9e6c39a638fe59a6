#include "tenant_registry/domain/register_row.h"

#include <utility>

#include "absl/time/civil_time.h"
#include "tenant_registry/domain/digest.h"
#include "tenant_registry/domain/text.h"

namespace veille::tenant_registry {
namespace {

constexpr size_t kMostPhoneCells = 10;
// Counts the ways in which contents are kept: rows taken in an older way are taken again.
constexpr std::string_view kContentsVersion = "1";

// Cleans every text of a row; remembers the first fault.
class Cleaner {
 public:
  std::string Clean(std::string_view text, size_t most) {
    std::optional<std::string> clean = CleanCell(text);
    if (!clean.has_value()) return Refuse(refusal::kNotAllowed, "");
    if (CountCharacters(*clean) > most) return Refuse(refusal::kTooLong, Truncate(*clean, most));
    return *std::move(clean);
  }
  std::string Refuse(std::string_view reason, std::string rest) {
    if (fault_.empty()) fault_ = reason;
    return rest;
  }
  std::string_view fault() const { return fault_; }

 private:
  std::string_view fault_;
};

RawRow CleanRow(const RawRow& raw, Cleaner& cleaner) {
  RawRow row;
  row.line_number = raw.line_number;
  row.objection = raw.objection;
  row.row_key = cleaner.Clean(raw.row_key, 200);
  Dwelling& dwelling = row.dwelling;
  dwelling.number = cleaner.Clean(raw.dwelling.number, 64);
  dwelling.residence = cleaner.Clean(raw.dwelling.residence, 200);
  dwelling.building = cleaner.Clean(raw.dwelling.building, 64);
  dwelling.staircase = cleaner.Clean(raw.dwelling.staircase, 64);
  dwelling.floor = cleaner.Clean(raw.dwelling.floor, 64);
  dwelling.door = cleaner.Clean(raw.dwelling.door, 64);
  dwelling.street_address = cleaner.Clean(raw.dwelling.street_address, 300);
  dwelling.postal_code = cleaner.Clean(raw.dwelling.postal_code, 16);
  dwelling.commune_name = cleaner.Clean(raw.dwelling.commune_name, 200);
  dwelling.commune_code = cleaner.Clean(raw.dwelling.commune_code, 16);
  row.client_reference = cleaner.Clean(raw.client_reference, 64);
  row.title = cleaner.Clean(raw.title, 50);
  row.family_name = cleaner.Clean(raw.family_name, 200);
  row.given_name = cleaner.Clean(raw.given_name, 200);
  row.birth_date = cleaner.Clean(raw.birth_date, 32);
  if (raw.phones.size() > kMostPhoneCells) cleaner.Refuse(refusal::kTooLong, "");
  for (const std::string& cell : raw.phones) row.phones.push_back(cleaner.Clean(cell, 200));
  row.email = cleaner.Clean(raw.email, 320);
  row.relation = cleaner.Clean(raw.relation, 64);
  row.move_in_date = cleaner.Clean(raw.move_in_date, 32);
  row.key_contact_name = cleaner.Clean(raw.key_contact_name, 200);
  row.key_contact_phone = cleaner.Clean(raw.key_contact_phone, 200);
  return row;
}

bool HasName(const RawRow& row) { return !row.family_name.empty() || !row.given_name.empty(); }

// Nobody lives there: no reference, no name, and nothing else that a person would have.
bool IsVacant(const RawRow& row) {
  return row.client_reference.empty() && !HasName(row) && row.birth_date.empty();
}

const Commune* CommuneOf(const Dwelling& dwelling, const Communes& communes) {
  const Commune* by_code = communes.Find(dwelling.commune_code);
  if (by_code != nullptr) return by_code;
  return communes.FindByName(dwelling.postal_code, dwelling.commune_name);
}

// The birth date, or why it cannot be believed.
struct BirthDate {
  std::optional<absl::CivilDay> day;
  std::string_view fault;
};

BirthDate ReadBirthDate(const RawRow& row, const RowRules& rules) {
  if (row.birth_date.empty()) return {};
  const ParsedDate parsed = ParseDate(row.birth_date, rules.date_order);
  if (parsed.result == ParsedDate::Result::kUnreadable) return {{}, refusal::kUnreadableBirthDate};
  if (parsed.result == ParsedDate::Result::kDoesNotExist) return {{}, refusal::kNoSuchBirthDate};
  if (parsed.day > rules.judged_on) return {{}, refusal::kFutureBirthDate};
  return {parsed.day, ""};
}

std::string_view FaultOf(const RawRow& row, const Commune* commune, const BirthDate& birth) {
  if (row.dwelling.number.empty()) return refusal::kNoDwellingNumber;
  if (!IsVacant(row) && !HasName(row)) return refusal::kNoName;
  if (commune == nullptr) return refusal::kUnknownCommune;
  return birth.fault;
}

std::string KeyText(const RawRow& row, const BirthDate& birth) {
  if (!row.row_key.empty()) return row.row_key;
  const std::string day =
      birth.day.has_value() ? absl::FormatCivilTime(*birth.day) : row.birth_date;
  return row.dwelling.number + "|" + row.client_reference + "|" + Fold(row.family_name) + "|" +
         Fold(row.given_name) + "|" + day;
}

std::string Joined(const std::string& first, const std::string& second) {
  return first.empty() || second.empty() ? first + second : first + " " + second;
}

RefusedRow Refuse(const RawRow& row, std::string_view reason, const BirthDate& birth,
                  const Commune* commune) {
  RefusedRow refused;
  refused.reason = reason;
  refused.names_person = !IsVacant(row);
  refused.birth_date = birth.day;
  refused.dwelling_number = row.dwelling.number;
  refused.client_reference = row.client_reference;
  refused.name = Joined(row.given_name, row.family_name);
  refused.address = row.dwelling.street_address;
  refused.town = Joined(row.dwelling.postal_code, row.dwelling.commune_name);
  if (commune != nullptr) refused.commune_code = std::string(commune->code);
  return refused;
}

void ReadPerson(RawRow& row, const BirthDate& birth, const RowRules& rules, std::string_view region,
                RegisterRow& taken) {
  taken.name_folded = Fold(row.family_name + " " + row.given_name);
  taken.title = std::move(row.title);
  taken.family_name = std::move(row.family_name);
  taken.given_name = std::move(row.given_name);
  taken.birth_date = birth.day;
  taken.relation = std::move(row.relation);
  taken.email = std::move(row.email);
  taken.objection = row.objection;
  for (const std::string& cell : row.phones) {
    for (PhoneNumber& number : ReadPhones(cell, region)) taken.phones.push_back(std::move(number));
  }
  if (!row.move_in_date.empty()) {
    const ParsedDate parsed = ParseDate(row.move_in_date, rules.date_order);
    if (parsed.result == ParsedDate::Result::kRead) {
      taken.move_in_date = parsed.day;
    } else {
      taken.warning = warning::kUnreadableMoveIn;
    }
  }
  taken.key_contact.name = std::move(row.key_contact_name);
  for (const PhoneNumber& number : ReadPhones(row.key_contact_phone, region)) {
    if (taken.key_contact.e164.empty()) taken.key_contact.e164 = number.e164;
  }
  // A tenant's phone that cannot be read is kept and shown as invalid; a key contact's would be
  // lost.
  if (taken.key_contact.e164.empty() && !row.key_contact_phone.empty()) {
    taken.warning = warning::kUnreadablePhone;
  }
}

std::string DayText(const std::optional<absl::CivilDay>& day) {
  return day.has_value() ? absl::FormatCivilTime(*day) : std::string();
}

ids::Uuid ContentsOf(const RegisterRow& row) {
  const std::string birth = DayText(row.birth_date);
  const std::string move_in = DayText(row.move_in_date);
  const Dwelling& d = row.dwelling;
  std::vector<std::string_view> fields = {kContentsVersion,
                                          d.number,
                                          d.residence,
                                          d.building,
                                          d.staircase,
                                          d.floor,
                                          d.door,
                                          d.street_address,
                                          d.postal_code,
                                          d.commune_name,
                                          d.commune_code,
                                          row.client_reference,
                                          row.title,
                                          row.family_name,
                                          row.given_name,
                                          birth,
                                          row.relation,
                                          row.email,
                                          move_in,
                                          row.objection ? "1" : "0",
                                          row.key_contact.name,
                                          row.key_contact.e164};
  for (const PhoneNumber& phone : row.phones) {
    fields.push_back(phone.e164);
    fields.push_back(phone.original);
  }
  return Digest(fields);
}

}  // namespace

JudgedRow JudgeRow(const RawRow& raw, const RowRules& rules) {
  Cleaner cleaner;
  RawRow row = CleanRow(raw, cleaner);
  const BirthDate birth = ReadBirthDate(row, rules);
  const Commune* commune = CommuneOf(row.dwelling, *rules.communes);
  JudgedRow judged{row.line_number, KeyText(row, birth), {}};
  const std::string_view fault =
      cleaner.fault().empty() ? FaultOf(row, commune, birth) : cleaner.fault();
  if (!fault.empty()) {
    judged.outcome = Refuse(row, fault, birth, commune);
    return judged;
  }
  RegisterRow taken;
  taken.key = Digest({judged.key_text});
  taken.vacant = IsVacant(row);
  taken.client_reference = row.client_reference;
  if (!taken.vacant) ReadPerson(row, birth, rules, commune->region, taken);
  taken.dwelling = std::move(row.dwelling);
  taken.dwelling.commune_code = std::string(commune->code);
  taken.dwelling.commune_name = std::string(commune->name);
  taken.dwelling.time_zone = std::string(commune->time_zone);
  taken.contents = ContentsOf(taken);
  judged.outcome = std::move(taken);
  return judged;
}

}  // namespace veille::tenant_registry
