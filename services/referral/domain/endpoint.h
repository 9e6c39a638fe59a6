#pragma once

#include <string_view>

namespace veille::referral {

// Whether a gRPC target is HOST:PORT of this machine, spelt so that no name service and no resolver
// of gRPC's own can lead it elsewhere: 127.a.b.c, [::1] or localhost, and a port from 1 to 65535.
bool IsLoopbackTarget(std::string_view target);

}  // namespace veille::referral
