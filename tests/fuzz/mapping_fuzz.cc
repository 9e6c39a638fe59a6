// Any text as a mapping: it is refused with a sentence, or a register with its columns can be read.

#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>

#include "fuzz/fuzz_target.h"
#include "veillectl/client/failure.h"
#include "veillectl/register/byte_source.h"
#include "veillectl/register/encoding.h"
#include "veillectl/register/mapping.h"
#include "veillectl/register/refused_rows.h"
#include "veillectl/register/register_file.h"

namespace {

using namespace veille::veillectl;  // NOLINT: the library is the subject

void Expect(bool holds, const char* what) {
  if (holds) return;
  std::cerr << "does not hold: " << what << "\n";
  std::abort();
}

// A register of one row with every column that the mapping names.
std::string RegisterFor(const Mapping& mapping, char separator) {
  std::string names, cells;
  for (const Mapping::Column& column : mapping.columns) {
    if (!names.empty()) {
      names.push_back(separator);
      cells.push_back(separator);
    }
    names += Quoted(column.name, separator);
    cells += "1";
  }
  return names + "\n" + cells + "\n";
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto mapping = ParseMapping(std::string_view(reinterpret_cast<const char*>(data), size));
  if (!mapping.ok()) {
    Expect(ExitCodeOf(mapping.status()) == kUsage, "what is no mapping is a usage error");
    return 0;
  }
  Expect(!mapping->dates.empty() && !mapping->columns.empty(), "a mapping has columns and dates");
  for (const std::string& name : mapping->ColumnNames()) {
    Expect(mapping->Find(name) != nullptr, "every column is found by its name");
  }
  const std::string text = RegisterFor(*mapping, mapping->separator.value_or(';'));
  const auto source = SourceOf(text);
  RegisterOptions options;
  options.mapping = *mapping;
  const auto file = RegisterFile::Open(*source, options);
  Expect(file.ok() || ExitCodeOf(file.status()) == kUsage, "errors are usage errors");
  return 0;
}
