#pragma once

// A landlord's register as a file: UTF-8 (a byte order mark is allowed), parted by semicolons, the
// first line names the columns.

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "veille/registry/v1/register_row.pb.h"

namespace veille::veillectl {

// The columns that are understood, in the order of the usual export; others are refused, so that a
// misspelt one is not silently lost. NUM_LOGEMENT is the only one that must be there.
std::vector<std::string> RegisterColumns();

// Every row with the number of its line in the file. Fails, naming the line, when the text is not
// UTF-8, a row has more cells than there are columns, or a quote is never closed; no message
// repeats what stands in the file.
absl::StatusOr<std::vector<registry::v1::RegisterRow>> ParseRegister(std::string_view text);

}  // namespace veille::veillectl
