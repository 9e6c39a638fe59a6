#pragma once

// A partner's server at https://partner.example, which the operator's list of networks lets calls
// go to, on a port at which every address of this machine answers.

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/async/sync_wait.h"
#include "common/web/caller.h"
#include "integration/canned_server.h"
#include "testing/temporary_folder.h"
#include "veillectl/dev_authority/certificate_authority.h"

namespace veille::testing {

inline constexpr char kPartnerHost[] = "partner.example";
inline constexpr char kPartnerAddress[] = "127.77.0.1";

inline web::Address AddressOf(const std::string& text) { return web::Address::Parse(text).value(); }

// An authority of its own, and a server with its certificate.
class PartnerSite {
 public:
  PartnerSite()
      : authority_(veillectl::CertificateAuthority::Generate("test", begins_, ends_).value()),
        server_(authority_.Issue(LeafOf(kPartnerHost)).value(), CannedServer::Where::kEverywhere) {
    server_.SayOk("taken");
  }

  veillectl::Leaf LeafOf(const std::string& host) const {
    veillectl::Leaf leaf;
    leaf.name = host;
    leaf.hosts = {host};
    leaf.addresses = {kPartnerAddress, "127.0.0.1"};
    leaf.begins = begins_;
    leaf.ends = ends_;
    return leaf;
  }
  const veillectl::CertificateAuthority& authority() const { return authority_; }
  CannedServer& server() { return server_; }
  std::string Url(const std::string& host = kPartnerHost) const {
    return absl::StrCat("https://", host, ":", server_.port(), "/inbox");
  }

  // Calls may go to kPartnerAddress, at the server's port; names stand for what `lookup` says.
  web::CallerOptions Options(web::Lookup lookup) const {
    web::CallerOptions options;
    options.policy = web::AddressPolicy::Parse(absl::StrCat(kPartnerAddress, "/32"),
                                               absl::StrCat(server_.port()))
                         .value();
    options.authorities = folder_.Write("authority.pem", authority_.ToPem()->certificate);
    options.lookup = std::move(lookup);
    return options;
  }

 private:
  const absl::Time begins_ = absl::Now() - absl::Hours(2);
  const absl::Time ends_ = absl::Now() + absl::Hours(2);
  const TemporaryFolder folder_;
  const veillectl::CertificateAuthority authority_;
  CannedServer server_;
};

// Every name stands for the same addresses.
inline web::Lookup Always(std::vector<web::Address> addresses) {
  return [addresses](const std::string&) -> absl::StatusOr<std::vector<web::Address>> {
    return addresses;
  };
}

inline absl::StatusOr<web::Response> PostTo(web::Caller& caller, const std::string& url,
                                            absl::Duration within = absl::Seconds(20),
                                            std::stop_token stop = {}) {
  web::Request request{url, {"content-type: application/json"}, "{}"};
  return async::SyncWait(caller.Post(std::move(request), absl::Now() + within, std::move(stop)));
}

}  // namespace veille::testing
