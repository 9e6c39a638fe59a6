#pragma once

// One row of a landlord's register, judged and normalised: a person in a dwelling, or a dwelling
// without one. Pure: the same row gives the same answer, whatever is stored.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/time/civil_time.h"
#include "common/ids/uuid.h"
#include "tenant_registry/domain/calendar.h"
#include "tenant_registry/domain/communes.h"
#include "tenant_registry/domain/household.h"

namespace veille::tenant_registry {

// As it came.
struct RawRow {
  int64_t line_number = 0;
  std::string row_key;
  Dwelling dwelling;  // its time zone is not used
  std::string client_reference;
  std::string title;
  std::string family_name;
  std::string given_name;
  std::string birth_date;
  std::vector<std::string> phones;
  std::string email;
  std::string relation;
  std::string move_in_date;
  bool objection = false;
  std::string key_contact_name;
  std::string key_contact_phone;
};

// What rows are judged by.
struct RowRules {
  const Communes* communes = nullptr;
  DateOrder date_order = DateOrder::kDayMonthYear;
  absl::CivilDay judged_on;
};

// The sentences of verdicts. They hold nothing from the row.
namespace refusal {
inline constexpr std::string_view kNoDwellingNumber = "dwelling number is missing";
inline constexpr std::string_view kNoName = "name is missing";
inline constexpr std::string_view kUnknownCommune = "commune is unknown";
inline constexpr std::string_view kNoSuchBirthDate = "birth date does not exist";
inline constexpr std::string_view kUnreadableBirthDate = "birth date cannot be read";
inline constexpr std::string_view kFutureBirthDate = "birth date in the future";
inline constexpr std::string_view kTooLong = "text is too long";
inline constexpr std::string_view kNotAllowed = "text is not allowed";
}  // namespace refusal
namespace warning {
inline constexpr std::string_view kRepeated = "row repeated: taken once";
inline constexpr std::string_view kUnreadablePhone = "phone cannot be read";
inline constexpr std::string_view kUnreadableMoveIn = "move-in date cannot be read";
}  // namespace warning

// A row that can be taken.
struct RegisterRow {
  ids::Uuid key;       // digest of the row's key
  ids::Uuid contents;  // digest of all that is kept of it
  Dwelling dwelling;
  std::string client_reference;
  bool vacant = false;  // nobody lives there: the rest is empty
  std::string title;
  std::string family_name;
  std::string given_name;
  std::string name_folded;
  std::optional<absl::CivilDay> birth_date;
  std::string relation;
  std::string email;
  std::optional<absl::CivilDay> move_in_date;
  bool objection = false;
  std::vector<PhoneNumber> phones;
  KeyContact key_contact;
  std::string_view warning;  // empty unless something in it could not be used
};

// A row that is not taken.
struct RefusedRow {
  std::string_view reason;
  bool names_person = false;                 // somebody may live behind it
  std::optional<absl::CivilDay> birth_date;  // when it can be believed
  std::string dwelling_number;
  std::string client_reference;
  std::string name;
  std::string address;
  std::string town;
  std::string commune_code;  // empty when the commune is unknown
};

struct JudgedRow {
  int64_t line_number = 0;
  std::string key_text;  // as sent or as made
  std::variant<RegisterRow, RefusedRow> outcome;

  const RegisterRow* taken() const { return std::get_if<RegisterRow>(&outcome); }
  const RefusedRow* refused() const { return std::get_if<RefusedRow>(&outcome); }
};

JudgedRow JudgeRow(const RawRow& raw, const RowRules& rules);

}  // namespace veille::tenant_registry
