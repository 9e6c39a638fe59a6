#include "veillectl/dev_authority/replace_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "absl/strings/str_cat.h"

namespace veille::veillectl {

absl::Status ReplaceFile(const std::string& path, std::string_view content, Readers readers) {
  std::string beside = path + ".XXXXXX";
  const int file = mkstemp(beside.data());  // mode 0600
  bool written = file >= 0 && fchmod(file, readers == Readers::kOwner ? 0600 : 0644) == 0;
  while (written && !content.empty()) {
    const ssize_t wrote = write(file, content.data(), content.size());
    if (wrote > 0) content.remove_prefix(static_cast<size_t>(wrote));
    written = wrote >= 0 || errno == EINTR;
  }
  written = written && std::rename(beside.c_str(), path.c_str()) == 0;
  const int error = errno;
  if (file >= 0) close(file);
  if (written) return absl::OkStatus();
  if (file >= 0) unlink(beside.c_str());
  return absl::InternalError(absl::StrCat(path, " cannot be written: ", std::strerror(error)));
}

}  // namespace veille::veillectl
