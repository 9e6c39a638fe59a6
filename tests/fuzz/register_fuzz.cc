// Any bytes as a landlord's register: they are refused in words that repeat nothing of them, or
// they are read, the same way each time.

#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>

#include "fuzz/fuzz_target.h"
#include "veillectl/client/failure.h"
#include "veillectl/register/byte_source.h"
#include "veillectl/register/encoding.h"
#include "veillectl/register/refused_rows.h"
#include "veillectl/register/register_file.h"

namespace {

using namespace veille::veillectl;  // NOLINT: the library is the subject
using veille::registry::v1::RegisterRow;

void Expect(bool holds, const char* what) {
  if (holds) return;
  std::cerr << "does not hold: " << what << "\n";
  std::abort();
}

// The first byte chooses what is said of the file, so that detection and words are both tried.
RegisterOptions OptionsOf(uint8_t choice) {
  static const Mapping two_formats = [] {
    auto mapping = ParseMapping(
        R"({"columns": {"A": "dwelling_number", "B": "birth_date", "C": "phones", "D": "phones",
            "E": "objection", "F": "relation", "G": "ignore", "H": "street_address",
            "I": "street_address"}, "date_format": ["dd/mm/yyyy", "yyyy-mm-dd"],
            "objection": {"yes": "O", "no": "N"}, "relation": {"T": "Titulaire"}})");
    return mapping.value();
  }();
  RegisterOptions options;
  if ((choice & 1) != 0) options.mapping = two_formats;
  constexpr std::optional<Encoding> kEncodings[] = {
      std::nullopt,          std::nullopt,      Encoding::kUtf8,    Encoding::kWindows1252,
      Encoding::kIso8859_15, Encoding::kIbm850, Encoding::kUtf16Le, Encoding::kUtf16Be};
  options.encoding = kEncodings[(choice >> 1) & 7];
  constexpr std::optional<char> kSeparators[] = {std::nullopt, ';', ',', '\t'};
  options.separator = kSeparators[(choice >> 4) & 3];
  return options;
}

// A name in the registers of the corpus.
constexpr char kSomebody[] = "Secretan";

void CheckRefusal(const absl::Status& status) {
  Expect(ExitCodeOf(status) == kUsage, "a register that cannot be read is a usage error");
  const std::string message(status.message());
  Expect(CleanPrefix(message) == message.size(), "messages are UTF-8");
  Expect(message.find(kSomebody) == std::string::npos, "messages repeat nothing of the file");
}

void CheckRow(const RegisterRow& row, int64_t last_line) {
  Expect(row.line_number() > last_line, "line numbers grow");
  std::string unused;
  Expect(row.SerializeToString(&unused), "all texts are UTF-8");
  for (const std::string* text : {&row.dwelling_number(), &row.family_name(), &row.birth_date(),
                                  &row.relation(), &row.street_address()}) {
    Expect(CleanPrefix(*text) == text->size(), "all texts are UTF-8 without NUL");
  }
}

void CheckRows(const RegisterFile& file) {
  auto first = file.Rows();
  auto second = file.Rows();
  Expect(first.ok() && second.ok(), "a register that was opened can be read");
  RegisterRow row, again;
  int64_t count = 0, line = 0;
  while (true) {
    const auto more = (*first)->Next(row);
    const auto more_again = (*second)->Next(again);
    Expect(more.ok() && more_again.ok() && *more == *more_again, "it is the same each time");
    if (!*more) break;
    Expect(row.SerializeAsString() == again.SerializeAsString(), "rows are the same each time");
    CheckRow(row, line);
    line = row.line_number();
    ++count;
    for (size_t i = 0; i < (*first)->cells().size(); ++i) {
      Expect(!Quoted((*first)->cells().cell(i), file.separator()).empty() ||
                 (*first)->cells().cell(i).empty(),
             "cells can be written");
    }
  }
  Expect(count == file.row_count() && count > 0, "the rows are those that were counted");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto source = SourceOf(text);
  const auto file = RegisterFile::Open(*source, OptionsOf(data[0]));
  if (file.ok()) {
    CheckRows(**file);
  } else {
    CheckRefusal(file.status());
  }
  return 0;
}
