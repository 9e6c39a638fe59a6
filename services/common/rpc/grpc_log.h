#pragma once

namespace veille::rpc {

// From now on what gRPC has to say goes to our log: the place in its source, not its words, which
// may quote what a stranger sent. Twenty lines a minute, since a stranger can bring about one with
// each broken handshake; how many were left out stands on the next. Called once, before threads
// start.
void CaptureGrpcLog();

}  // namespace veille::rpc
