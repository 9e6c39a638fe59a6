#include "veillectl/client/register_file.h"

#include <csv.h>

#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "common/status/macros.h"
#include "google/protobuf/descriptor.h"
#include "veillectl/client/failure.h"

namespace veille::veillectl {
namespace {

using google::protobuf::FieldDescriptor;
using registry::v1::RegisterRow;

// A quote that opens and is never closed swallows the rest of the file; no honest row is this long.
constexpr int64_t kMostLinesOfARow = 20;
constexpr int kInsideQuotes = 2;  // libcsv's FIELD_BEGUN, when `quoted` is set

// Column, and the field of RegisterRow that it fills.
constexpr std::pair<const char*, const char*> kColumns[] = {
    {"NUM_LOGEMENT", "dwelling_number"},
    {"RESIDENCE", "residence"},
    {"BATIMENT", "building"},
    {"ESCALIER", "staircase"},
    {"ETAGE", "floor"},
    {"PORTE", "door"},
    {"ADRESSE", "street_address"},
    {"CODE_POSTAL", "postal_code"},
    {"COMMUNE", "commune_name"},
    {"CODE_INSEE", "commune_code"},
    {"REF_CLIENT", "client_reference"},
    {"CIVILITE", "title"},
    {"NOM", "family_name"},
    {"PRENOM", "given_name"},
    {"DATE_NAISSANCE", "birth_date"},
    {"TEL_FIXE", "phones"},
    {"TEL_MOBILE", "phones"},
    {"EMAIL", "email"},
    {"LIEN", "relation"},
    {"DATE_ENTREE", "move_in_date"},
    {"OPPOSITION", "objection"},
    {"PERSONNE_A_PREVENIR", "key_contact_name"},
    {"TEL_PREVENIR", "key_contact_phone"},
};

// O, OUI, 1 and the like. What is neither yes nor no counts as an objection: calling somebody who
// said no is the worse mistake.
bool IsObjection(const std::string& cell) {
  static const std::set<std::string> no = {"", "N", "NON", "NO", "0", "FALSE", "FAUX"};
  return !no.contains(absl::AsciiStrToUpper(cell));
}

void Fill(RegisterRow& row, const FieldDescriptor* field, std::string cell) {
  const auto* reflection = RegisterRow::GetReflection();
  if (field->cpp_type() == FieldDescriptor::CPPTYPE_BOOL) {
    reflection->SetBool(&row, field, IsObjection(cell));
  } else if (!field->is_repeated()) {
    reflection->SetString(&row, field, std::move(cell));
  } else if (!cell.empty()) {
    reflection->AddString(&row, field, std::move(cell));
  }
}

bool IsUtf8(std::string_view text) {
  size_t i = 0;
  const auto byte = [&text](size_t at) { return static_cast<unsigned char>(text[at]); };
  while (i < text.size()) {
    const unsigned char first = byte(i);
    const size_t size = first < 0x80   ? 1
                        : first < 0xC2 ? 0
                        : first < 0xE0 ? 2
                        : first < 0xF0 ? 3
                        : first < 0xF5 ? 4
                                       : 0;
    if (size == 0 || i + size > text.size()) return false;
    for (size_t k = 1; k < size; ++k) {
      if ((byte(i + k) & 0xC0) != 0x80) return false;
    }
    if (first == 0xE0 && byte(i + 1) < 0xA0) return false;  // overlong
    if (first == 0xED && byte(i + 1) > 0x9F) return false;  // surrogates
    if (first == 0xF0 && byte(i + 1) < 0x90) return false;  // overlong
    if (first == 0xF4 && byte(i + 1) > 0x8F) return false;  // beyond Unicode
    i += size;
  }
  return true;
}

absl::Status Wrong(int64_t line, std::string_view what) {
  return UsageError(absl::StrCat("line ", line, " of the register ", std::string(what)));
}

// Turns the cells of libcsv into rows. It is fed line by line, so that each row knows where it
// began.
class Reader {
 public:
  Reader() {
    csv_init(&parser_, 0);
    csv_set_delim(&parser_, ';');
  }
  ~Reader() { csv_free(&parser_); }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  // `line` with its newline.
  absl::Status Feed(std::string_view line) {
    ++line_;
    if (first_line_ == 0) first_line_ = line_;
    if (!IsUtf8(line)) return Wrong(line_, "is not UTF-8: save the file as UTF-8");
    if (csv_parse(&parser_, line.data(), line.size(), &OnCell, &OnRow, this) != line.size()) {
      return Wrong(line_, "cannot be read as cells parted by semicolons");
    }
    if (!InsideQuotes()) {
      first_line_ = 0;
    } else if (line_ - first_line_ >= kMostLinesOfARow) {
      return Wrong(first_line_, "opens a quote that is not closed");
    }
    return status_;
  }

  absl::StatusOr<std::vector<RegisterRow>> Finish() {
    if (InsideQuotes()) return Wrong(first_line_, "opens a quote that is not closed");
    if (first_line_ == 0) first_line_ = line_;
    csv_fini(&parser_, &OnCell, &OnRow, this);
    RETURN_IF_ERROR(status_);
    if (fields_.empty()) return UsageError("the register is empty: its first line names columns");
    return std::move(rows_);
  }

 private:
  static void OnCell(void* cell, size_t size, void* reader) {
    static_cast<Reader*>(reader)->cells_.emplace_back(static_cast<const char*>(cell), size);
  }
  static void OnRow(int, void* self) {
    auto* reader = static_cast<Reader*>(self);
    const std::vector<std::string> cells = std::exchange(reader->cells_, {});
    if (!reader->status_.ok()) return;
    reader->status_ = reader->fields_.empty() ? reader->ReadHeader(cells) : reader->ReadRow(cells);
  }

  bool InsideQuotes() const { return parser_.quoted != 0 && parser_.pstate == kInsideQuotes; }

  absl::Status ReadHeader(const std::vector<std::string>& names) {
    std::set<std::string> seen;
    for (const std::string& name : names) {
      const std::string upper = absl::AsciiStrToUpper(name);
      const FieldDescriptor* field = nullptr;
      for (const auto& [column, target] : kColumns) {
        if (upper == column) field = RegisterRow::descriptor()->FindFieldByName(target);
      }
      if (field == nullptr || !seen.insert(upper).second) {
        return UsageError(absl::StrCat("column ", fields_.size() + 1,
                                       " of the register is not known or stands twice; known: ",
                                       absl::StrJoin(RegisterColumns(), ", ")));
      }
      fields_.push_back(field);
    }
    if (!seen.contains("NUM_LOGEMENT")) {
      return UsageError("the register has no column NUM_LOGEMENT (is it parted by semicolons?)");
    }
    return absl::OkStatus();
  }

  absl::Status ReadRow(const std::vector<std::string>& cells) {
    if (cells.size() > fields_.size()) return Wrong(first_line_, "has more cells than columns");
    RegisterRow row;
    row.set_line_number(first_line_);
    for (size_t i = 0; i < cells.size(); ++i) Fill(row, fields_[i], cells[i]);
    rows_.push_back(std::move(row));
    return absl::OkStatus();
  }

  csv_parser parser_;
  std::vector<const FieldDescriptor*> fields_;  // one per column
  std::vector<std::string> cells_;
  std::vector<RegisterRow> rows_;
  absl::Status status_;
  int64_t line_ = 0;
  int64_t first_line_ = 0;  // of the row that is being read
};

}  // namespace

std::vector<std::string> RegisterColumns() {
  std::vector<std::string> names;
  for (const auto& [column, field] : kColumns) names.emplace_back(column);
  return names;
}

absl::StatusOr<std::vector<RegisterRow>> ParseRegister(std::string_view text) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text.substr(0, kByteOrderMark.size()) == kByteOrderMark) {
    text.remove_prefix(kByteOrderMark.size());
  }
  Reader reader;
  while (!text.empty()) {
    const size_t newline = text.find('\n');
    const std::string_view line =
        text.substr(0, newline == std::string_view::npos ? text.size() : newline + 1);
    RETURN_IF_ERROR(reader.Feed(line));
    text.remove_prefix(line.size());
  }
  return reader.Finish();
}

}  // namespace veille::veillectl
