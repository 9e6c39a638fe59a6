#include "veillectl/commands/volunteer_file.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/status/macros.h"
#include "veillectl/client/failure.h"
#include "veillectl/client/input.h"

namespace veille::veillectl {
namespace {

using nlohmann::json;

constexpr char kByteOrderMark[] = "\xEF\xBB\xBF";

absl::StatusOr<VolunteerFile> ReadJson(const std::string& path, const std::string& text) {
  const json entries = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (entries.is_discarded()) return UsageError(absl::StrCat(path, " is no JSON"));
  VolunteerFile file;
  file.single = entries.is_object();
  const json list = file.single ? json::array({entries}) : entries;
  for (size_t i = 0; i < list.size(); ++i) {
    const std::string place = file.single ? path : absl::StrCat(path, ", entry ", i + 1);
    RETURN_IF_ERROR(ReadMessageText(place, list[i].dump(), &file.volunteers.emplace_back()));
  }
  return file;
}

// The cells of a line; volunteers' names have no quotes and no separators in them.
std::vector<std::string> CellsOf(const std::string& line, char separator) {
  std::vector<std::string> cells = absl::StrSplit(line, separator);
  for (std::string& cell : cells) {
    cell = std::string(absl::StripAsciiWhitespace(cell));
    if (cell.size() >= 2 && cell.front() == '"' && cell.back() == '"') {
      cell = cell.substr(1, cell.size() - 2);
    }
  }
  return cells;
}

absl::Status SetCell(const std::string& column, const std::string& cell,
                     calls::v1::Volunteer& volunteer) {
  if (column == "subject") {
    volunteer.set_subject(cell);
  } else if (column == "display_name") {
    volunteer.set_display_name(cell);
  } else if (column == "languages") {
    for (const std::string& tag :
         std::vector<std::string>(absl::StrSplit(cell, absl::ByAnyChar(", "), absl::SkipEmpty()))) {
      volunteer.add_languages(tag);
    }
  } else {
    return UsageError(
        absl::StrCat("the column '", column, "' is none of subject, display_name and languages"));
  }
  return absl::OkStatus();
}

absl::StatusOr<VolunteerFile> ReadCsv(const std::string& path, const std::string& text) {
  const std::vector<std::string> lines = absl::StrSplit(text, '\n');
  const char separator = lines[0].find(';') != std::string::npos ? ';' : '\t';
  const std::vector<std::string> columns = CellsOf(lines[0], separator);
  VolunteerFile file;
  for (size_t i = 1; i < lines.size(); ++i) {
    if (absl::StripAsciiWhitespace(lines[i]).empty()) continue;
    const std::vector<std::string> cells = CellsOf(lines[i], separator);
    if (cells.size() != columns.size()) {
      return UsageError(absl::StrCat(path, ", line ", i + 1, ": ", cells.size(), " cells, but the ",
                                     "first line names ", columns.size(), " columns"));
    }
    calls::v1::Volunteer& volunteer = file.volunteers.emplace_back();
    for (size_t k = 0; k < cells.size(); ++k) {
      RETURN_IF_ERROR(SetCell(columns[k], cells[k], volunteer));
    }
  }
  return file;
}

}  // namespace

absl::StatusOr<VolunteerFile> ReadVolunteers(const std::string& path) {
  ASSIGN_OR_RETURN(std::string text, ReadInput(path));
  if (absl::StartsWith(text, kByteOrderMark)) text.erase(0, 3);
  const auto content = absl::StripLeadingAsciiWhitespace(text);
  const bool is_json = !content.empty() && (content.front() == '{' || content.front() == '[');
  ASSIGN_OR_RETURN(VolunteerFile file, is_json ? ReadJson(path, text) : ReadCsv(path, text));
  if (file.volunteers.empty()) return UsageError(absl::StrCat(path, " names no volunteer"));
  return file;
}

}  // namespace veille::veillectl
