#include "tenant_registry/domain/communes.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "tenant_registry/domain/text.h"

// clang-format off
__asm__(
    ".pushsection .rodata\n"
    ".global veille_communes_begin\n"
    ".global veille_communes_end\n"
    "veille_communes_begin:\n"
    ".incbin \"" VEILLE_COMMUNES_CSV "\"\n"
    "veille_communes_end:\n"
    ".popsection\n");
// clang-format on
extern "C" {
extern const char veille_communes_begin[];
extern const char veille_communes_end[];
}

namespace veille::tenant_registry {
namespace {

struct Overseas {
  std::string_view prefix;  // of the INSEE code
  std::string_view time_zone;
  std::string_view region;
};

// More particular prefixes first.
constexpr std::array kOverseas = {
    Overseas{"971", "America/Guadeloupe", "GP"},
    Overseas{"972", "America/Martinique", "MQ"},
    Overseas{"973", "America/Cayenne", "GF"},
    Overseas{"974", "Indian/Reunion", "RE"},
    Overseas{"975", "America/Miquelon", "PM"},
    Overseas{"976", "Indian/Mayotte", "YT"},
    Overseas{"977", "America/St_Barthelemy", "BL"},
    Overseas{"978", "America/Marigot", "MF"},
    Overseas{"986", "Pacific/Wallis", "WF"},
    Overseas{"98719", "Pacific/Gambier", "PF"},
    Overseas{"98718", "Pacific/Marquesas", "PF"},
    Overseas{"98723", "Pacific/Marquesas", "PF"},
    Overseas{"98731", "Pacific/Marquesas", "PF"},
    Overseas{"98746", "Pacific/Marquesas", "PF"},
    Overseas{"98756", "Pacific/Marquesas", "PF"},
    Overseas{"98757", "Pacific/Marquesas", "PF"},
    Overseas{"987", "Pacific/Tahiti", "PF"},
    Overseas{"988", "Pacific/Noumea", "NC"},
    Overseas{"989", "Etc/GMT+8", "PF"},
};
constexpr Overseas kMetropolitan{"", "Europe/Paris", "FR"};

// Paris, Lyon and Marseille: their arrondissements belong to their city.
struct City {
  std::string_view code;
  std::string_view first;
  std::string_view last;
};
constexpr std::array kCities = {City{"75056", "75101", "75120"}, City{"69123", "69381", "69389"},
                                City{"13055", "13201", "13216"}};

std::string_view CityOf(std::string_view code) {
  for (const City& city : kCities) {
    if (code.size() == 5 && city.first <= code && code <= city.last) return city.code;
  }
  return code;
}

const Overseas& PlaceOf(std::string_view code) {
  for (const Overseas& place : kOverseas) {
    if (code.starts_with(place.prefix)) return place;
  }
  return kMetropolitan;
}

// As names are compared: folded, with St for Saint, without what a post office adds.
std::string PlainName(std::string_view name) {
  std::string plain;
  const std::string folded = Fold(name);
  for (const std::string_view word : Split(folded, ' ')) {
    if (word == "cedex") break;
    if (!plain.empty()) plain += ' ';
    plain += word == "saint" ? "st" : word == "sainte" ? "ste" : word;
  }
  return plain;
}

std::string NameKey(std::string_view postal_code, std::string_view plain_name) {
  std::string key(postal_code);
  key += ' ';
  key += plain_name;
  return key;
}

using Words = std::vector<std::string_view>;

bool Has(const Words& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// Whether each word of the shorter name stands in the longer one.
bool IsPartOf(const Words& one, const Words& other) {
  const Words& shorter = one.size() < other.size() ? one : other;
  const Words& longer = one.size() < other.size() ? other : one;
  return !shorter.empty() && std::all_of(shorter.begin(), shorter.end(),
                                         [&](std::string_view word) { return Has(longer, word); });
}

bool ShareLongWord(const Words& one, const Words& other) {
  constexpr size_t kLong = 4;  // not "sur", "les", "st"
  return std::any_of(one.begin(), one.end(), [&](std::string_view word) {
    return word.size() >= kLong && Has(other, word);
  });
}

}  // namespace

const Communes& Communes::All() {
  static const auto* const all = new Communes(std::string_view(
      veille_communes_begin, static_cast<size_t>(veille_communes_end - veille_communes_begin)));
  return *all;
}

Communes::Communes(std::string_view csv) {
  size_t lines = static_cast<size_t>(std::count(csv.begin(), csv.end(), '\n'));
  communes_.reserve(lines);
  by_code_.reserve(lines);
  by_name_.reserve(lines);
  csv.remove_prefix(csv.find('\n') + 1);
  for (const std::string_view line : Split(csv, '\n')) Add(line);
}

void Communes::Add(std::string_view line) {
  const std::vector<std::string_view> cells = Split(line, ';');
  const std::string_view postal_codes = cells.size() > 2 ? cells[2] : "";
  const Overseas& place = PlaceOf(cells[0]);
  const size_t index = communes_.size();
  communes_.push_back({cells[0], cells[1], place.time_zone, place.region});
  by_code_.emplace(cells[0], index);
  std::string plain = PlainName(cells[1]);
  for (const std::string_view postal_code : Split(postal_codes, ' ')) {
    by_name_.emplace(NameKey(postal_code, plain), index);
    by_postal_code_[postal_code].push_back(index);
  }
  names_.insert(std::move(plain));
}

const Commune* Communes::Find(std::string_view code) const {
  const auto found = by_code_.find(CityOf(code));
  return found == by_code_.end() ? nullptr : &communes_[found->second];
}

const Commune* Communes::FindByName(std::string_view postal_code, std::string_view name) const {
  const std::string plain = PlainName(name);
  if (postal_code.empty() || plain.empty()) return nullptr;
  const auto found = by_name_.find(NameKey(postal_code, plain));
  if (found != by_name_.end()) return Find(communes_[found->second].code);
  return FindAlike(postal_code, plain);
}

const Commune* Communes::FindAlike(std::string_view postal_code,
                                   const std::string& plain_name) const {
  const auto served = by_postal_code_.find(postal_code);
  if (served == by_postal_code_.end()) return nullptr;
  const Words words = Split(plain_name, ' ');
  const auto only_one = [&](const auto& fits) -> const Commune* {
    const Commune* only = nullptr;
    for (const size_t index : served->second) {
      const std::string plain = PlainName(communes_[index].name);
      if (!fits(Words(Split(plain, ' ')))) continue;
      const Commune* commune = Find(communes_[index].code);
      if (only != nullptr && only != commune) return nullptr;
      only = commune;
    }
    return only;
  };
  const Commune* alike = only_one([&](const Words& other) { return IsPartOf(words, other); });
  if (alike != nullptr || names_.contains(plain_name)) return alike;
  alike = only_one([&](const Words& other) { return ShareLongWord(words, other); });
  return alike != nullptr ? alike : only_one([](const Words&) { return true; });
}

}  // namespace veille::tenant_registry
