#pragma once

// The first line of a register: what each column of the file is.

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "veillectl/register/csv_reader.h"
#include "veillectl/register/mapping.h"

namespace veille::veillectl {

struct Columns {
  struct Column {
    std::string name;  // as in the file
    const google::protobuf::FieldDescriptor* field = nullptr;
    bool unnamed = false;  // what a separator at the end of every line makes; its cells are empty
    bool of_refused_rows = false;  // in front of a file of refused rows
  };

  std::vector<Column> columns;
  bool of_refused_rows = false;      // the file was written for correction
  std::vector<std::string> missing;  // columns of the usual shape that it does not have
};

// `header` stands on its first row. Errors: a usage error with the line and column of a name that
// is unknown or stands twice, or that names a column which the file does not have. Only names of
// the mapping are repeated: a file without a first line of names begins with somebody's.
absl::StatusOr<Columns> ReadColumns(const CsvReader& header, const Mapping& mapping);

}  // namespace veille::veillectl
