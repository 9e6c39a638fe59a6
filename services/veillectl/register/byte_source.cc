#include "veillectl/register/byte_source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "veillectl/client/failure.h"

namespace veille::veillectl {
namespace {

constexpr size_t kCopySize = 64 * 1024;

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  ~Descriptor() {
    if (number_ >= 0) close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  Descriptor& operator=(Descriptor&&) = delete;

  int number() const { return number_; }
  bool open() const { return number_ >= 0; }

 private:
  int number_;
};

class FileSource final : public ByteSource {
 public:
  explicit FileSource(Descriptor file) : file_(std::move(file)) {}

  absl::StatusOr<size_t> ReadAt(int64_t offset, char* buffer, size_t size) override {
    size_t done = 0;
    while (done < size) {
      const ssize_t got = pread(file_.number(), buffer + done, size - done,
                                static_cast<off_t>(offset) + static_cast<off_t>(done));
      if (got == 0) break;
      if (got < 0 && errno == EINTR) continue;
      if (got < 0)
        return UsageError(absl::StrCat("the register cannot be read: ", strerror(errno)));
      done += static_cast<size_t>(got);
    }
    return done;
  }

 private:
  Descriptor file_;
};

class TextSource final : public ByteSource {
 public:
  explicit TextSource(std::string_view text) : text_(text) {}

  absl::StatusOr<size_t> ReadAt(int64_t offset, char* buffer, size_t size) override {
    if (offset >= static_cast<int64_t>(text_.size())) return 0;
    const std::string_view part = text_.substr(static_cast<size_t>(offset), size);
    part.copy(buffer, part.size());
    return part.size();
  }

 private:
  const std::string_view text_;
};

// Nobody else can open it, and it goes with its descriptor.
absl::StatusOr<Descriptor> NamelessFile() {
  const char* wanted = getenv("TMPDIR");
  const std::string folder = wanted == nullptr || *wanted == '\0' ? "/tmp" : wanted;
  Descriptor file(open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  if (file.open()) return file;
  std::string path = absl::StrCat(folder, "/veillectl.XXXXXX");  // a file system without O_TMPFILE
  Descriptor named(mkostemp(path.data(), O_CLOEXEC));
  if (!named.open()) {
    return UsageError(absl::StrCat("no temporary file in ", folder, ": ", strerror(errno)));
  }
  unlink(path.c_str());
  return named;
}

absl::Status WriteAll(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t wrote = write(file, bytes.data(), bytes.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) {
      return UsageError(absl::StrCat("the temporary file cannot be written: ", strerror(errno)));
    }
    bytes.remove_prefix(static_cast<size_t>(wrote));
  }
  return absl::OkStatus();
}

absl::StatusOr<Descriptor> Spool(int input) {
  ASSIGN_OR_RETURN(Descriptor copy, NamelessFile());
  std::array<char, kCopySize> buffer;
  while (true) {
    const ssize_t got = read(input, buffer.data(), buffer.size());
    if (got == 0) return copy;
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return UsageError(absl::StrCat("the register cannot be read: ", strerror(errno)));
    RETURN_IF_ERROR(
        WriteAll(copy.number(), std::string_view(buffer.data(), static_cast<size_t>(got))));
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<ByteSource>> OpenSource(const std::string& path) {
  Descriptor file(path == "-" ? dup(STDIN_FILENO) : open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat about{};
  if (!file.open() || fstat(file.number(), &about) != 0) {
    return UsageError(absl::StrCat("the file ", path, " cannot be read: ", strerror(errno)));
  }
  if (S_ISREG(about.st_mode) && path != "-") return std::make_unique<FileSource>(std::move(file));
  if (path != "-" && !S_ISFIFO(about.st_mode) && !S_ISSOCK(about.st_mode)) {
    return UsageError(absl::StrCat(path, " is not a file"));
  }
  ASSIGN_OR_RETURN(Descriptor copy, Spool(file.number()));
  return std::make_unique<FileSource>(std::move(copy));
}

std::unique_ptr<ByteSource> SourceOf(std::string_view text) {
  return std::make_unique<TextSource>(text);
}

}  // namespace veille::veillectl
