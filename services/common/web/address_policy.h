#pragma once

// Where calls may go: the public internet, without every range that the IANA registries of special
// addresses name (RFC 6890 and its successors), and beside it the networks and ports that the
// operator names.
//
// Threads: any; nothing changes after the policy was made.

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/web/address.h"

namespace veille::web {

struct PortRange {
  int first = 443;
  int last = 443;
};

class AddressPolicy {
 public:
  // The public internet, port 443.
  AddressPolicy() = default;
  AddressPolicy(std::vector<Network> named, std::vector<PortRange> ports)
      : named_(std::move(named)), ports_(std::move(ports)) {}

  // From lists as an operator writes them: "10.1.0.0/16,fd12::/32" and "443,8000-8999".
  // INVALID_ARGUMENT with the part that is neither.
  static absl::StatusOr<AddressPolicy> Parse(const std::string& networks, const std::string& ports);

  // PERMISSION_DENIED, with the kind of address it is: "leads to a loopback address".
  absl::Status Check(const Address& address) const;
  // The same for all of them; UNAVAILABLE when there are none. One that is refused refuses all:
  // which of them is connected to is not chosen here.
  absl::Status CheckAll(const std::vector<Address>& addresses) const;

  bool AllowsPort(int port) const;

 private:
  std::vector<Network> named_;
  std::vector<PortRange> ports_ = {PortRange{}};
};

}  // namespace veille::web
