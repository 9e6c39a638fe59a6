#include "common/config/secret_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/match.h"

namespace veille::config {
namespace {

constexpr size_t kMostBytes = 4096;

absl::Status Refused(const std::string& path, const std::string& why) {
  return absl::InvalidArgumentError("the secret file " + path + " " + why);
}

}  // namespace

absl::StatusOr<std::string> ReadSecretFile(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) return Refused(path, std::string("cannot be opened: ") + std::strerror(errno));
  const absl::Cleanup closing = [file] { close(file); };
  // Of the open file, so that it cannot be exchanged in between.
  struct stat about = {};
  if (fstat(file, &about) != 0 || !S_ISREG(about.st_mode)) return Refused(path, "is not a file");
  if ((about.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return Refused(path, "is open to others than its owner; run: chmod 600 " + path);
  }
  std::array<char, kMostBytes + 1> bytes;
  const ssize_t count = read(file, bytes.data(), bytes.size());
  if (count < 0) return Refused(path, "cannot be read");
  std::string secret(bytes.data(), static_cast<size_t>(count));
  if (secret.size() > kMostBytes) return Refused(path, "is longer than 4096 bytes");
  if (absl::EndsWith(secret, "\n")) secret.pop_back();
  if (absl::EndsWith(secret, "\r")) secret.pop_back();
  if (secret.empty()) return Refused(path, "is empty");
  if (secret.find_first_of(std::string("\n\r\0", 3)) != std::string::npos) {
    return Refused(path, "holds more than one line");
  }
  return secret;
}

}  // namespace veille::config
