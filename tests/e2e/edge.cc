#include "e2e/edge.h"

#include <signal.h>

#include <stdexcept>

#include "absl/strings/str_cat.h"

namespace veille::e2e {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(20);

}  // namespace

Edge::Edge(const Programme& programme, const std::vector<std::string>& options)
    : address_(absl::StrCat("127.0.0.1:", FreePort())),
      health_address_(absl::StrCat("127.0.0.1:", FreePort())) {
  const tls::Files files = programme.authority().value().FilesOf("edge");
  std::vector<std::string> argv = {absl::StrCat(VEILLE_DEPLOY_DIR, "/edge/run"),
                                   folder_.path(),
                                   "--listen",
                                   address_,
                                   "--health",
                                   health_address_,
                                   "--registry",
                                   programme.address(Service::kRegistry),
                                   "--calls",
                                   programme.address(Service::kCalls),
                                   "--referral",
                                   programme.address(Service::kReferral),
                                   "--certificate",
                                   files.certificate,
                                   "--key",
                                   files.key,
                                   "--authority",
                                   files.authority};
  argv.insert(argv.end(), options.begin(), options.end());
  process_ = std::make_unique<testing::Subprocess>(std::move(argv));
  if (process_->WaitForLine("SERVING ", kPatience) != address_) {
    throw std::runtime_error("the edge does not serve");
  }
}

Edge::~Edge() {
  process_->Kill(SIGTERM);
  process_->Wait(kPatience);
}

void Edge::Reload() { process_->Kill(SIGHUP); }

std::string Edge::AccessLog() const {
  return testing::ContentOf(absl::StrCat(folder_.path(), "/access.log"));
}

}  // namespace veille::e2e
