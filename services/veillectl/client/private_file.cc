#include "veillectl/client/private_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>

#include "absl/strings/str_cat.h"
#include "veillectl/client/failure.h"

namespace veille::veillectl {

absl::Status WritePrivateFile(const std::string& path, std::string_view content) {
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
  bool written = file >= 0 && fchmod(file, 0600) == 0;  // one that was there keeps its mode else
  while (written && !content.empty()) {
    const ssize_t wrote = write(file, content.data(), content.size());
    if (wrote > 0) content.remove_prefix(static_cast<size_t>(wrote));
    written = wrote >= 0 || errno == EINTR;
  }
  const int error = errno;
  if (file >= 0) close(file);
  if (written) return absl::OkStatus();
  return UsageError(absl::StrCat("the file ", path, " cannot be written: ", strerror(error)));
}

}  // namespace veille::veillectl
