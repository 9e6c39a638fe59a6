#pragma once

#include <string>
#include <string_view>

namespace veille::referral {

// Whether `code` has the form of an INSEE code: 31555, 2A004, 97411.
bool IsInseeCode(std::string_view code);

// The commune whose partners serve `code`: arrondissements of Paris, Lyon and Marseille belong to
// their city.
std::string RoutingCommune(std::string_view code);

}  // namespace veille::referral
