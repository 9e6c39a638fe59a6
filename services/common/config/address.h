#pragma once

// Addresses as gRPC reads them. Without TLS only this machine may be at the other end of what
// carries personal data.

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace veille::config {

// OK for HOST:PORT, [IPv6]:PORT and unix: sockets.
absl::Status CheckAddress(std::string_view option, const std::string& address);

// OK for 127.0.0.0/8, [::1] and localhost with a port, and for unix: sockets. A name that merely
// begins like one of them is refused. `option` ("--listen") stands in the message.
absl::Status CheckLoopback(std::string_view option, const std::string& address);

// OK for HOST:PORT or [IPv6]:PORT of this machine; of any with `beyond_loopback`.
absl::Status CheckAdminAddress(const std::string& address, bool beyond_loopback);

// Where a server that listens on `address` is reached from its own machine: localhost for any
// address of the machine (0.0.0.0, [::]), else the same.
std::string ReachableHere(const std::string& address);

// The port of HOST:PORT; -1 for a unix: socket and for what has none.
int PortOf(const std::string& address);
// The host of HOST:PORT, of [IPv6]:PORT without brackets; empty for what is neither.
std::string HostOf(const std::string& address);

}  // namespace veille::config
