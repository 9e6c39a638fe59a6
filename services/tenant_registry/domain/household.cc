#include "tenant_registry/domain/household.h"

#include "absl/container/flat_hash_set.h"

namespace veille::tenant_registry {
namespace {

void AppendPart(std::string& line, std::string_view label, std::string_view part) {
  if (part.empty()) return;
  if (!line.empty()) line += ", ";
  line += label;
  line += part;
}

}  // namespace

std::vector<std::string> AddressLines(const Dwelling& dwelling) {
  std::string place;
  AppendPart(place, "", dwelling.residence);
  AppendPart(place, "bâtiment ", dwelling.building);
  std::string inside;
  AppendPart(inside, "escalier ", dwelling.staircase);
  AppendPart(inside, "étage ", dwelling.floor);
  AppendPart(inside, "porte ", dwelling.door);
  std::string town = dwelling.postal_code;
  if (!town.empty()) town += ' ';
  town += dwelling.commune_name;
  std::vector<std::string> lines;
  for (std::string* line : {&inside, &place}) {
    if (!line->empty()) lines.push_back(std::move(*line));
  }
  if (!dwelling.street_address.empty()) lines.push_back(dwelling.street_address);
  lines.push_back(std::move(town));
  return lines;
}

std::vector<Phone> WithoutRepetition(std::vector<Phone> phones) {
  absl::flat_hash_set<std::string> known;
  std::vector<Phone> kept;
  for (Phone& phone : phones) {
    if (known.insert(phone.e164.empty() ? "?" + phone.original : phone.e164).second) {
      kept.push_back(std::move(phone));
    }
  }
  return kept;
}

}  // namespace veille::tenant_registry
