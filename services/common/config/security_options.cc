#include "common/config/security_options.h"

#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_join.h"

namespace veille::config {
namespace {

std::vector<std::pair<std::string, const std::string*>> NeededForTls(
    const SecurityOptions& options) {
  return {{"--tls-certificate", &options.certificate},
          {"--tls-key", &options.key},
          {"--tls-authority", &options.authority},
          {"--issuers", &options.issuers},
          {"--audit-key", &options.audit_key}};
}

}  // namespace

void DeclareSecurity(CLI::App& app, SecurityOptions& options) {
  const auto file = [&app](const std::string& flag, std::string& value, const std::string& about) {
    app.add_option(flag, value, about)->type_name("FILE");
  };
  file("--tls-certificate", options.certificate,
       "this service's certificate (PEM), with its chain");
  file("--tls-key", options.key, "its key (PEM, mode 0600)");
  file("--tls-authority", options.authority,
       "who signs the certificates of services and partners (PEM)");
  file("--issuers", options.issuers, "who signs people's tokens (JSON)");
  file("--audit-key", options.audit_key,
       "signs the heads of the audit trail (Ed25519, PEM, mode 0600)");
  options.trust_domain = "veille.internal";
  app.add_option("--trust-domain", options.trust_domain,
                 "of the SPIFFE IDs in certificates that count")
      ->type_name("NAME")
      ->capture_default_str();
  app.add_flag("--insecure-loopback", options.insecure_loopback,
               "serve without TLS, on this machine only, and believe callers what they say");
}

void CheckSecurity(const SecurityOptions& options, Problems& problems) {
  std::vector<std::string> given;
  std::vector<std::string> missing;
  for (const auto& [flag, value] : NeededForTls(options)) {
    (value->empty() ? missing : given).push_back(flag);
  }
  if (options.insecure_loopback && !given.empty()) {
    problems.push_back("serve: --insecure-loopback goes without " + absl::StrJoin(given, ", "));
  }
  if (!options.insecure_loopback && !missing.empty()) {
    problems.push_back(
        "serve: " + absl::StrJoin(missing, ", ") +
        " needed: callers prove who they are by TLS and tokens (`veillectl dev-certs` makes files "
        "to try it with). Or add --insecure-loopback to serve this machine only, with test data "
        "only");
  }
}

}  // namespace veille::config
