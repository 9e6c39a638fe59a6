#pragma once

// A small HTTP server for machines that watch a service: a path, an answer.
//
// It trusts nobody: GET and HEAD only, a body is never read, 4 KB of request at most, 1 s to send
// it and 5 s for the whole exchange, one request per connection. Two threads answer one connection
// after the other; what comes while they are busy waits in the kernel's queue, which is short.
//
// It is ours because cpp-httplib, which was tried, costs each process 2.3 MB more, with the port or
// without (it starts OpenSSL when it is loaded), and bounds neither a request's size nor its time.
//
// Threads: routes are called on the threads of the server, side by side; they must not block for
// long. Memory: two threads and what a route's answer takes.

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include "absl/status/statusor.h"

namespace veille::operations {

struct Answer {
  int status = 200;
  std::string body;
  std::string_view content_type = "text/plain; charset=utf-8";
};
using Route = std::function<Answer()>;

class AdminServer {
 public:
  // Listens on HOST:PORT or [IPv6]:PORT; port 0 takes a free one. Routes by path ("/livez").
  // UNAVAILABLE when the address cannot be had.
  static absl::StatusOr<std::unique_ptr<AdminServer>> Start(const std::string& listen,
                                                            std::map<std::string, Route> routes);
  ~AdminServer();  // stops
  AdminServer(const AdminServer&) = delete;
  AdminServer& operator=(const AdminServer&) = delete;

  // With the port that is really listened on.
  const std::string& address() const { return address_; }

  // Cuts what is being answered, and joins the threads. Idempotent.
  void Stop();

 private:
  AdminServer(int socket, int stop, std::string address, std::map<std::string, Route> routes);
  void Run();
  Answer Decide(std::string_view request) const;

  const int socket_;
  const int stop_;  // an eventfd: readable once the server stops
  const std::string address_;
  const std::map<std::string, Route> routes_;
  std::array<std::thread, 2> threads_;  // last: they use all of the above
};

}  // namespace veille::operations
