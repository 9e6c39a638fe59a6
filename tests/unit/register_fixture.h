#pragma once

// Registers that stand in the test.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "testing/status_matchers.h"
#include "veillectl/client/failure.h"
#include "veillectl/register/byte_source.h"
#include "veillectl/register/register_file.h"

namespace veille::veillectl {

// A register, opened; its text is kept as long.
struct OpenRegister {
  explicit OpenRegister(std::string contents, RegisterOptions options = {})
      : text(std::move(contents)),
        source(SourceOf(text)),
        file(RegisterFile::Open(*source, std::move(options))) {}

  std::string text;
  std::unique_ptr<ByteSource> source;
  absl::StatusOr<std::unique_ptr<RegisterFile>> file;
};

inline std::vector<registry::v1::RegisterRow> RowsOf(const RegisterFile& file) {
  std::vector<registry::v1::RegisterRow> all;
  const auto rows = file.Rows();
  EXPECT_THAT(rows, testing::IsOk());
  registry::v1::RegisterRow row;
  while ((*rows)->Next(row).value_or(false)) all.push_back(row);
  return all;
}

inline std::vector<registry::v1::RegisterRow> RowsOf(const std::string& text,
                                                     RegisterOptions options = {}) {
  const OpenRegister open(text, std::move(options));
  EXPECT_THAT(open.file, testing::IsOk());
  return open.file.ok() ? RowsOf(**open.file) : std::vector<registry::v1::RegisterRow>();
}

// Why a register cannot be read.
inline std::string RefusalOf(const std::string& text, RegisterOptions options = {}) {
  const OpenRegister open(text, std::move(options));
  if (open.file.ok()) return "not refused";
  EXPECT_EQ(ExitCodeOf(open.file.status()), kUsage);
  return std::string(open.file.status().message());
}

}  // namespace veille::veillectl
