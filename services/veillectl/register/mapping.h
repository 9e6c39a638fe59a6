#pragma once

// What the columns of a register mean. A mapping is a JSON file; without one the usual shape is
// assumed.
//
//   {
//     "encoding": "windows-1252",                  optional: it is detected
//     "separator": ";",                            optional: it is detected
//     "date_format": ["dd/mm/yyyy", "yyyy-mm-dd"], one or several
//     "columns": {                                 every column of the file, by its name
//       "Logement": "dwelling_number",             a field of veille.registry.v1.RegisterRow
//       "Tél. 1": "phones", "Tél. 2": "phones",    several columns, in their order
//       "Observations": "ignore"
//     },
//     "objection": {"yes": ["O"], "no": ["N", ""]},
//     "relation": {"T": "Titulaire"}               other values stay as they are
//   }

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "google/protobuf/descriptor.h"
#include "veillectl/register/date_pattern.h"
#include "veillectl/register/encoding.h"

namespace veille::veillectl {

// The columns that stand before the others in a file of refused rows: it can be corrected and
// imported with the same mapping.
inline constexpr char kRefusedLineColumn[] = "REFUSED_LINE";
inline constexpr char kRefusedReasonColumn[] = "REFUSED_REASON";

struct Mapping {
  struct Column {
    std::string name;
    const google::protobuf::FieldDescriptor* field = nullptr;  // none: ignored
  };

  std::optional<Encoding> encoding;
  std::optional<char> separator;
  std::vector<Column> columns;
  // Whether the file must have every column that is named here.
  bool all_columns = false;
  std::vector<DatePattern> dates;
  // Folded values of objection; with `strict_objection` others are refused, without they count as
  // yes: calling somebody who said no is the worse mistake.
  std::set<std::string> objects;
  std::set<std::string> agrees;
  bool strict_objection = false;
  std::map<std::string, std::string> relations;

  // The column of this name; null when there is none.
  const Column* Find(std::string_view name) const;
  std::vector<std::string> ColumnNames() const;
};

// The shape of deploy/samples/register.csv.gz.
const Mapping& UsualMapping();

// Errors: a usage error that names what is wrong, with the line and column of JSON that cannot be
// read and the closest name for a misspelt one.
absl::StatusOr<Mapping> ParseMapping(std::string_view json);

// ";", ",", "|", or a tab ("\t" and "tab" too).
std::optional<char> SeparatorOf(std::string_view text);
// For people: "tab" for a tab.
std::string NameOfSeparator(char separator);

}  // namespace veille::veillectl
