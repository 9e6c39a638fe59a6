#pragma once

#include "absl/time/time.h"

namespace veille::testing {

// A way to a port of this machine on which each connection's first bytes take `delay`, as over a
// bad network or to a peer that is busy. Ends with the process.
//
// The port to connect to instead; 0 when there is none.
int LatePort(int port, absl::Duration delay);

}  // namespace veille::testing
