#pragma once

#include <string_view>

namespace veille::referral {

// Whether a gRPC target is HOST:PORT of this machine, spelt so that no name service and no resolver
// of gRPC's own can lead it elsewhere: 127.a.b.c, [::1] or localhost, and a port from 1 to 65535.
bool IsLoopbackTarget(std::string_view target);

// Which endpoints can be pushed to: asked when a partner is registered, and before each connection,
// because what was registered under one policy may be pushed under another.
struct EndpointPolicy {
  // Clear text, and then to this machine only; else TLS, to where calls may go (web::Caller).
  bool insecure_loopback = false;
};

}  // namespace veille::referral
