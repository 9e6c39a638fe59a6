#include "common/tls/memory_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"

namespace veille::tls {
namespace {

absl::Status Failed(std::string_view what) {
  return absl::UnavailableError(
      absl::StrCat(std::string(what), " a file in memory failed: ", std::strerror(errno)));
}

// `version` becomes the time of change: gRPC, which reads certificate and key in two reads, starts
// again when that time is another after them, but sees whole seconds only.
absl::StatusOr<int> Filled(std::string_view content, int version) {
  const int file = memfd_create("veille-tls", MFD_CLOEXEC);
  if (file < 0) return Failed("creating");
  while (!content.empty()) {
    const ssize_t wrote = write(file, content.data(), content.size());
    if (wrote > 0) content.remove_prefix(static_cast<size_t>(wrote));
    if (wrote >= 0 || errno == EINTR) continue;
    const absl::Status failed = Failed("writing");
    close(file);
    return failed;
  }
  const struct timespec changed = {.tv_sec = version, .tv_nsec = 0};
  const std::array<struct timespec, 2> times = {changed, changed};
  futimens(file, times.data());
  return file;
}

}  // namespace

absl::StatusOr<MemoryFile> MemoryFile::Create(std::string_view content) {
  ASSIGN_OR_RETURN(const int file, Filled(content, 1));
  return MemoryFile(file);
}

std::string MemoryFile::path() const { return absl::StrCat("/proc/self/fd/", file_); }

absl::Status MemoryFile::Replace(std::string_view content) {
  ASSIGN_OR_RETURN(const int next, Filled(content, version_ + 1));
  const bool replaced = dup3(next, file_, O_CLOEXEC) >= 0;
  const absl::Status failed = replaced ? absl::OkStatus() : Failed("replacing");
  close(next);
  if (replaced) ++version_;
  return failed;
}

}  // namespace veille::tls
