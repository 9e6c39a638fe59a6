#pragma once

// The usual shapes of French numbers, read without libphonenumber.

#include <optional>
#include <string_view>

#include "tenant_registry/domain/phone_number.h"

namespace veille::tenant_registry {

// What AskLibrary says of a number that is typed in one of the usual shapes: 05 36 49 12 34,
// 0536491234, 536491234, +33 5 36 49 12 34, +33(0)536491234, 0033536491234, and what is far too
// short or too long. Nothing for any other text, and for a region whose numbers are not French.
//
// Nothing is known here of ranges: the library is asked once for each region, shape and first five
// digits, which decide of a French number, and its answer is remembered (a byte each; what is
// remembered is about ranges and not about numbers). A test compares the two over all ranges.
// Threads: any.
std::optional<PhoneNumber> ReadUsualShape(std::string_view text, std::string_view region);

}  // namespace veille::tenant_registry
