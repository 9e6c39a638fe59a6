#include "referral/domain/written_request.h"

#include <array>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"

namespace veille::referral {
namespace {

constexpr std::array kMonths = {"janvier",   "février", "mars",     "avril",
                                "mai",       "juin",    "juillet",  "août",
                                "septembre", "octobre", "novembre", "décembre"};

// "le 1er avril 2020 à 10 h 05", where the person lives.
std::string MomentInFrench(absl::Time time, const std::string& zone_name) {
  absl::TimeZone zone;
  absl::LoadTimeZone(zone_name, &zone);  // UTC should the system have lost it
  const absl::CivilMinute at = absl::ToCivilMinute(time, zone);
  return absl::StrFormat("le %d%s %s %d à %d h %02d", at.day(), at.day() == 1 ? "er" : "",
                         kMonths.at(static_cast<size_t>(at.month() - 1)), at.year(), at.hour(),
                         at.minute());
}

std::string_view GroundInFrench(RegisterGround ground) {
  switch (ground) {
    case RegisterGround::kAge65:
      return "personne âgée de 65 ans ou plus, résidant à son domicile";
    case RegisterGround::kAge60UnfitForWork:
      return "personne âgée de plus de 60 ans, reconnue inapte au travail, résidant à son domicile";
    case RegisterGround::kDisabledAtHome:
      return "personne adulte handicapée, résidant à son domicile";
    case RegisterGround::kNone:
      break;
  }
  return "non précisé";
}

std::string FullNameOf(const SharedContact& person) {
  std::string name;
  for (const std::string& part : {person.title, person.given_name, person.family_name}) {
    if (!part.empty()) absl::StrAppend(&name, name.empty() ? "" : " ", part);
  }
  return name;
}

}  // namespace

std::string WrittenRequest(const PartnerCase& partner_case) {
  const auto& entry = partner_case.register_entry;
  if (!entry.has_value() || !partner_case.person.has_value()) return "";
  const SharedContact& person = *partner_case.person;
  return absl::StrCat(
      "Demande d'inscription au registre nominatif de la commune\n"
      "Code de l'action sociale et des familles, article L121-6-1 ; décret n° 2004-926 du "
      "1er septembre 2004\n\n"
      "À l'attention de Madame ou Monsieur le maire\n\n"
      "Le bailleur social de la personne désignée ci-dessous demande pour elle, en qualité de "
      "tiers et par écrit, son inscription au registre nominatif.\n\n"
      "Personne concernée : ",
      FullNameOf(person), "\nDomicile : ", absl::StrJoin(person.address_lines, ", "),
      person.commune_name.empty() ? "" : ", ", person.commune_name,
      "\nTéléphone : ", absl::StrJoin(person.phones, ", "),
      "\nMotif : ", std::string(GroundInFrench(entry->ground)),
      "\n\nInformée par téléphone de cette demande et de l'objet du registre, la personne ne s'y "
      "est pas opposée ",
      MomentInFrench(entry->non_objection_time, partner_case.time_zone), ".\nDemande transmise ",
      MomentInFrench(partner_case.assign_time, partner_case.time_zone),
      ".\nRéférence : ", partner_case.id.ToString(),
      "\n\nL'inscription est facultative : la personne peut demander sa radiation à tout moment. "
      "Le maire accuse réception de la demande dans les huit jours.\n");
}

}  // namespace veille::referral
