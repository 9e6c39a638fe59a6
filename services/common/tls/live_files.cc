#include "common/tls/live_files.h"

#include <cstdlib>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/async/poll_loop.h"
#include "common/status/macros.h"
#include "common/telemetry/log.h"
#include "common/tls/material.h"
#include "common/tls/memory_file.h"

namespace veille::tls {
namespace {

using Provider = grpc::experimental::CertificateProviderInterface;

constexpr absl::Duration kInterval = absl::Seconds(1);

// What gRPC reads, and what it was made from.
struct Published {
  Material material;
  std::optional<MemoryFile> pair;
  MemoryFile authority;
  std::shared_ptr<Provider> provider;
  absl::Status last = absl::OkStatus();  // what was wrong when it was last looked at
};

absl::StatusOr<Published> Publish(Material material) {
  std::optional<MemoryFile> pair;
  if (!material.pair.empty()) {
    ASSIGN_OR_RETURN(pair, MemoryFile::Create(material.pair));
  }
  ASSIGN_OR_RETURN(MemoryFile authority, MemoryFile::Create(material.authority));
  // One file serves as key and as certificate: PEM readers take what they look for.
  const std::string path = pair.has_value() ? pair->path() : "";
  auto provider = std::make_shared<grpc::experimental::FileWatcherCertificateProvider>(
      path, path, authority.path(), /*refresh_interval_sec=*/1);
  return Published{std::move(material), std::move(pair), authority, std::move(provider)};
}

// As gRPC shall see it from now on.
absl::Status Renew(Published& published, Material material) {
  if (published.pair.has_value() && material.pair != published.material.pair) {
    RETURN_IF_ERROR(published.pair->Replace(material.pair));
  }
  if (material.authority != published.material.authority) {
    RETURN_IF_ERROR(published.authority.Replace(material.authority));
  }
  published.material = std::move(material);
  return absl::OkStatus();
}

void LookAgain(const Files& files, Published& published) {
  auto material = ReadMaterial(files, absl::Now());
  const bool changed = material.ok() && *material != published.material;
  const absl::Status status =
      changed ? Renew(published, *std::move(material)) : std::move(material).status();
  const log::Field file("file",
                        log::Text{files.certificate.empty() ? files.authority : files.certificate});
  if (changed && status.ok()) log::Info("tls.files_renewed", {file});
  if (!status.ok() && status != published.last) {
    log::Warning(
        "tls.files_not_taken",
        {file,
         {"why", log::Text{std::string_view(status.message().data(), status.message().size())}}});
  }
  published.last = status;
}

// All files that this process follows.
class Followed {
 public:
  // Never destroyed: credentials may outlive main.
  static Followed& Instance() {
    static auto* const followed = new Followed;
    return *followed;
  }

  absl::StatusOr<std::shared_ptr<Provider>> Follow(const Files& files) ABSL_LOCKS_EXCLUDED(mutex_) {
    const absl::MutexLock lock(&mutex_);
    auto found = followed_.find(files);
    if (found == followed_.end()) {
      ASSIGN_OR_RETURN(Material material, ReadMaterial(files, absl::Now()));
      ASSIGN_OR_RETURN(Published published, Publish(std::move(material)));
      if (followed_.empty()) Begin();
      found = followed_.emplace(files, std::move(published)).first;
    }
    return found->second.provider;
  }

 private:
  // OpenSSL takes itself down when the process exits, and a thread that reads a certificate then
  // crashes: so ours ends before. (What is registered later runs earlier, and OpenSSL registered
  // itself when the first files were read.) So does the log, which this writes the first line of if
  // nobody else has.
  void Begin() {
    log::Debug("tls.files_followed", {});
    loop_.emplace("tls-files", kInterval, [this] { return Look(); });
    std::atexit([] { Instance().loop_->Stop(); });
  }

  bool Look() ABSL_LOCKS_EXCLUDED(mutex_) {
    const absl::MutexLock lock(&mutex_);
    for (auto& [files, published] : followed_) LookAgain(files, published);
    return false;
  }

  absl::Mutex mutex_;
  std::map<Files, Published> followed_ ABSL_GUARDED_BY(mutex_);
  std::optional<async::PollLoop> loop_;
};

}  // namespace

absl::StatusOr<std::shared_ptr<Provider>> Follow(const Files& files) {
  return Followed::Instance().Follow(files);
}

}  // namespace veille::tls
