#include "veillectl/register/refused_rows.h"

#include <csv.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <filesystem>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "veillectl/client/failure.h"
#include "veillectl/register/blocks.h"
#include "veillectl/register/byte_source.h"

namespace veille::veillectl {
namespace {

namespace fs = std::filesystem;
namespace pb = ::veille::registry::v1;

constexpr char kByteOrderMark[] = "\xEF\xBB\xBF";
constexpr char kLineEnd[] = "\r\n";
constexpr size_t kBufferSize = 64 * 1024;

absl::Status CannotWrite(const std::string& path) {
  return UsageError(absl::StrCat("the refused rows cannot be written to ", path, ": ",
                                 strerror(errno), "; name another file with --refused"));
}

absl::Status WriteWhole(int output, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t wrote = write(output, bytes.data(), bytes.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return absl::UnknownError("");
    bytes.remove_prefix(static_cast<size_t>(wrote));
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> HaveSameContents(const std::string& a, const std::string& b) {
  ASSIGN_OR_RETURN(const std::unique_ptr<ByteSource> first, OpenSource(a));
  ASSIGN_OR_RETURN(const std::unique_ptr<ByteSource> second, OpenSource(b));
  BlockReader first_blocks(*first, nullptr), second_blocks(*second, nullptr);
  while (true) {
    ASSIGN_OR_RETURN(const std::string_view x, first_blocks.Next());
    ASSIGN_OR_RETURN(const std::string_view y, second_blocks.Next());
    if (x != y) return false;
    if (x.empty()) return true;
  }
}

// What is at `path` is kept aside unless `fresh` is the same.
absl::Status KeepAside(const std::string& path, const std::string& fresh) {
  if (!fs::exists(path)) return absl::OkStatus();
  if (!fresh.empty()) {
    ASSIGN_OR_RETURN(const bool same, HaveSameContents(path, fresh));
    if (same) return absl::OkStatus();
  }
  if (rename(path.c_str(), (path + ".old").c_str()) != 0) return CannotWrite(path);
  return absl::OkStatus();
}

fs::path FolderOf(const fs::path& path) {
  return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

bool IsOfNoFolder(const std::string& path) { return path == "-" || path.rfind("/dev/", 0) == 0; }

}  // namespace

void RefusedRows::Add(int64_t first_row, const RegisterUpload::Verdicts& verdicts) {
  for (int i = 0; i < verdicts.size(); ++i) {
    if (verdicts[i].verdict() != pb::VERDICT_REFUSED) continue;
    auto reason = std::find(reasons_.begin(), reasons_.end(), verdicts[i].reason());
    if (reason == reasons_.end()) reason = reasons_.insert(reason, verdicts[i].reason());
    rows_.push_back({first_row + i, verdicts[i].line_number(),
                     static_cast<uint16_t>(reason - reasons_.begin())});
  }
}

std::vector<std::string> RefusedRows::Sentences(size_t most) const {
  std::vector<std::string> sentences;
  for (const Row& row : rows_) {
    if (sentences.size() == most) break;
    sentences.push_back(absl::StrCat("line ", row.line, ": ", reasons_[row.reason]));
  }
  return sentences;
}

absl::Status RefusedRows::WriteTo(const std::string& path, const RegisterFile& file) const {
  if (rows_.empty()) return KeepAside(path, "");
  const std::string fresh = path + ".part";
  const int output =
      open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (output < 0) return CannotWrite(fresh);
  absl::Cleanup remove = [&fresh] { unlink(fresh.c_str()); };
  absl::Status written =
      fchmod(output, 0600) == 0 ? WriteRows(output, file) : absl::UnknownError("");
  if (written.ok() && fsync(output) != 0) written = absl::UnknownError("");
  const absl::Status failure = CannotWrite(fresh);  // with the errno of what failed
  close(output);
  if (absl::IsUnknown(written)) return failure;
  RETURN_IF_ERROR(written);
  RETURN_IF_ERROR(KeepAside(path, fresh));
  if (rename(fresh.c_str(), path.c_str()) != 0) return CannotWrite(path);
  std::move(remove).Cancel();
  return absl::OkStatus();
}

absl::Status RefusedRows::WriteRows(int output, const RegisterFile& file) const {
  ASSIGN_OR_RETURN(const std::unique_ptr<RegisterRows> rows, file.Rows());
  std::string text = FirstLine(file);
  pb::RegisterRow unused;
  int64_t number = 0;
  for (const Row& refused : rows_) {
    for (; number <= refused.number; ++number) RETURN_IF_ERROR(rows->Next(unused).status());
    absl::StrAppend(&text, refused.line);
    text.push_back(file.separator());
    text.append(Quoted(reasons_[refused.reason], file.separator()));
    const CsvReader& cells = rows->cells();
    for (size_t i = 0; i < cells.size(); ++i) {
      if (file.columns().columns[i].of_refused_rows) continue;
      text.push_back(file.separator());
      text.append(Quoted(cells.cell(i), file.separator()));
    }
    text.append(kLineEnd);
    if (text.size() < kBufferSize) continue;
    RETURN_IF_ERROR(WriteWhole(output, text));
    text.clear();
  }
  return WriteWhole(output, text);
}

std::string RefusedRows::FirstLine(const RegisterFile& file) const {
  std::string line = absl::StrCat(kByteOrderMark, kRefusedLineColumn,
                                  std::string(1, file.separator()), kRefusedReasonColumn);
  for (const Columns::Column& column : file.columns().columns) {
    if (column.of_refused_rows) continue;
    line.push_back(file.separator());
    line.append(Quoted(column.name, file.separator()));
  }
  return line + kLineEnd;
}

std::string RefusedPathOf(const std::string& register_path) {
  if (IsOfNoFolder(register_path)) return "register.refused.csv";
  const fs::path path(register_path);
  const bool beside = access(FolderOf(path).c_str(), W_OK | X_OK) == 0;
  return ((beside ? path.parent_path() : fs::path()) / path.stem()).string() + ".refused.csv";
}

absl::Status CheckRefusedPath(const std::string& path, const std::string& register_path) {
  std::error_code error;
  if (!IsOfNoFolder(register_path) && fs::equivalent(path, register_path, error)) {
    return UsageError("--refused names the register itself");
  }
  const bool is_folder = fs::is_directory(path, error);
  if (access(FolderOf(path).c_str(), W_OK | X_OK) != 0) return CannotWrite(path);
  errno = EISDIR;
  return is_folder ? CannotWrite(path) : absl::OkStatus();
}

std::string Quoted(std::string_view cell, char separator) {
  const bool plain = cell.find_first_of("\"\r\n") == std::string_view::npos &&
                     cell.find(separator) == std::string_view::npos &&
                     (cell.empty() || (cell.front() != ' ' && cell.front() != '\t' &&
                                       cell.back() != ' ' && cell.back() != '\t'));
  if (plain) return std::string(cell);
  std::string quoted(2 * cell.size() + 2, '\0');
  quoted.resize(csv_write(quoted.data(), quoted.size(), cell.data(), cell.size()));
  return quoted;
}

}  // namespace veille::veillectl
