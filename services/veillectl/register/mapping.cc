#include "veillectl/register/mapping.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "veille/registry/v1/register_row.pb.h"
#include "veillectl/register/closest.h"

namespace veille::veillectl {
namespace {

using google::protobuf::FieldDescriptor;
using registry::v1::RegisterRow;

// Column, and the field of RegisterRow that it fills.
constexpr std::pair<const char*, const char*> kUsualColumns[] = {
    {"NUM_LOGEMENT", "dwelling_number"},
    {"RESIDENCE", "residence"},
    {"BATIMENT", "building"},
    {"ESCALIER", "staircase"},
    {"ETAGE", "floor"},
    {"PORTE", "door"},
    {"ADRESSE", "street_address"},
    {"CODE_POSTAL", "postal_code"},
    {"COMMUNE", "commune_name"},
    {"CODE_INSEE", "commune_code"},
    {"REF_CLIENT", "client_reference"},
    {"CIVILITE", "title"},
    {"NOM", "family_name"},
    {"PRENOM", "given_name"},
    {"DATE_NAISSANCE", "birth_date"},
    {"TEL_FIXE", "phones"},
    {"TEL_MOBILE", "phones"},
    {"EMAIL", "email"},
    {"LIEN", "relation"},
    {"DATE_ENTREE", "move_in_date"},
    {"OPPOSITION", "objection"},
    {"PERSONNE_A_PREVENIR", "key_contact_name"},
    {"TEL_PREVENIR", "key_contact_phone"},
};

constexpr std::pair<char, const char*> kSeparators[] = {
    {';', ";"}, {',', ","}, {'|', "|"}, {'\t', "tab"}};

Mapping MakeUsualMapping() {
  Mapping mapping;
  for (const auto& [column, field] : kUsualColumns) {
    mapping.columns.push_back({column, RegisterRow::descriptor()->FindFieldByName(field)});
  }
  mapping.dates = {DatePattern()};
  mapping.objects = {"o", "oui", "y", "yes", "1", "true", "vrai", "x"};
  mapping.agrees = {"", "n", "non", "no", "0", "false", "faux"};
  return mapping;
}

}  // namespace

const Mapping::Column* Mapping::Find(std::string_view name) const {
  const std::string folded = FoldName(name);
  for (const Column& column : columns) {
    if (FoldName(column.name) == folded) return &column;
  }
  static const Column kIgnored;
  const bool of_refused =
      folded == FoldName(kRefusedLineColumn) || folded == FoldName(kRefusedReasonColumn);
  return of_refused ? &kIgnored : nullptr;
}

std::vector<std::string> Mapping::ColumnNames() const {
  std::vector<std::string> names;
  for (const Column& column : columns) names.push_back(column.name);
  return names;
}

const Mapping& UsualMapping() {
  static const Mapping usual = MakeUsualMapping();
  return usual;
}

std::optional<char> SeparatorOf(std::string_view text) {
  if (text == "\t" || text == "\\t") return '\t';
  for (const auto& [separator, name] : kSeparators) {
    if (text == name) return separator;
  }
  return std::nullopt;
}

std::string NameOfSeparator(char separator) {
  for (const auto& [known, name] : kSeparators) {
    if (known == separator) return name;
  }
  return {};
}

}  // namespace veille::veillectl
