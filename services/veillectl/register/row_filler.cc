#include "veillectl/register/row_filler.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "veillectl/register/closest.h"

namespace veille::veillectl {
namespace {

namespace pb = ::veille::registry::v1;
using pb::RegisterRow;

bool HaveOneOrder(const std::vector<DatePattern>& dates) {
  for (const DatePattern& date : dates) {
    if (date.order != dates.front().order) return false;
  }
  return true;
}

void Count(RowFiller::Suspicion& suspicion, bool wrong, Position position) {
  ++suspicion.cells;
  if (wrong && suspicion.wrong++ == 0) suspicion.first = position;
}

}  // namespace

pb::DateFormat DateFormatOf(const Mapping& mapping) {
  return HaveOneOrder(mapping.dates) ? mapping.dates.front().order : pb::DATE_FORMAT_YEAR_MONTH_DAY;
}

RowFiller::RowFiller(const Mapping& mapping, const Columns& columns)
    : mapping_(mapping), columns_(columns), rewrites_dates_(!HaveOneOrder(mapping.dates)) {}

absl::Status RowFiller::Fill(const CsvReader& cells, RegisterRow& row) {
  RETURN_IF_ERROR(CheckSize(cells));
  row.Clear();
  row.set_line_number(cells.line());
  for (size_t i = 0; i < cells.size(); ++i) {
    RETURN_IF_ERROR(FillCell({cells.line(), static_cast<int64_t>(i) + 1}, columns_.columns[i],
                             cells.cell(i), row));
  }
  return absl::OkStatus();
}

absl::Status RowFiller::CheckSize(const CsvReader& cells) const {
  const size_t expected = columns_.columns.size();
  if (cells.size() == expected) return absl::OkStatus();
  if (cells.size() > expected) {
    return Wrong({cells.line(), static_cast<int64_t>(expected) + 1},
                 absl::StrCat("the row has more cells (", cells.size(),
                              ") than there are columns (", expected, ")"));
  }
  return Wrong({cells.line(), static_cast<int64_t>(cells.size()) + 1},
               absl::StrCat("the row ends here: it has fewer cells (", cells.size(),
                            ") than there are columns (", expected, ")"));
}

absl::Status RowFiller::FillCell(Position position, const Columns::Column& column,
                                 const std::string& cell, RegisterRow& row) {
  if (column.unnamed && !cell.empty()) {
    return Wrong(position, "there is something in a column that has no name");
  }
  if (column.field == nullptr) return absl::OkStatus();
  const auto* reflection = RegisterRow::GetReflection();
  switch (column.field->number()) {
    case RegisterRow::kObjectionFieldNumber: {
      ASSIGN_OR_RETURN(const bool objects, IsObjection(position, cell));
      row.set_objection(objects);
      break;
    }
    case RegisterRow::kPhonesFieldNumber:
      if (!cell.empty()) row.add_phones(cell);
      break;
    case RegisterRow::kBirthDateFieldNumber:
      if (!cell.empty()) Count(birth_dates_, !LooksLikeDate(cell), position);
      row.set_birth_date(DateOf(cell));
      break;
    case RegisterRow::kMoveInDateFieldNumber:
      row.set_move_in_date(DateOf(cell));
      break;
    case RegisterRow::kDwellingNumberFieldNumber:
      Count(dwelling_numbers_, cell.empty(), position);
      row.set_dwelling_number(cell);
      break;
    case RegisterRow::kStreetAddressFieldNumber:
      if (!row.street_address().empty() && !cell.empty()) row.mutable_street_address()->append(" ");
      row.mutable_street_address()->append(cell);
      break;
    case RegisterRow::kRelationFieldNumber: {
      const auto known = mapping_.relations.empty() ? mapping_.relations.end()
                                                    : mapping_.relations.find(FoldName(cell));
      row.set_relation(known == mapping_.relations.end() ? cell : known->second);
      break;
    }
    default:
      reflection->SetString(&row, column.field, cell);
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> RowFiller::IsObjection(Position position, const std::string& cell) {
  if (cell.empty() && mapping_.agrees.contains("")) return false;
  const std::string folded = FoldName(cell);
  if (mapping_.agrees.contains(folded)) return false;
  const bool known = mapping_.objects.contains(folded);
  if (!known && mapping_.strict_objection) {
    return Wrong(position, "the mapping does not say whether this value of objection means yes");
  }
  Count(objections_, !known, position);
  return true;
}

std::string RowFiller::DateOf(const std::string& cell) const {
  if (!rewrites_dates_) return cell;
  for (const DatePattern& pattern : mapping_.dates) {
    if (const std::optional<std::string> date = IsoDate(cell, pattern)) return *date;
  }
  return cell;
}

// The service reads any separator between the parts.
bool RowFiller::LooksLikeDate(const std::string& cell) const {
  for (const DatePattern& pattern : mapping_.dates) {
    if (IsoDate(cell, pattern).has_value()) return true;
    if (rewrites_dates_) continue;
    for (const char separator : {'/', '-', '.', ' ', '\0'}) {
      if (IsoDate(cell, {pattern.order, separator}).has_value()) return true;
    }
  }
  return false;
}

}  // namespace veille::veillectl
