#include "common/operations/admin_server.h"

#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/config/address.h"

namespace veille::operations {
namespace {

constexpr int kBacklog = 16;
constexpr size_t kMostRequestBytes = 4096;
constexpr absl::Duration kRequestTime = absl::Seconds(1);
constexpr absl::Duration kExchangeTime = absl::Seconds(5);

std::string_view PhraseOf(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 431:
      return "Request Header Fields Too Large";
    case 503:
      return "Service Unavailable";
    default:
      return status < 500 ? "Bad Request" : "Internal Server Error";
  }
}

// One connection; its descriptor does not block.
class Exchange {
 public:
  Exchange(int socket, int stop) : socket_(socket), stop_(stop), begin_(absl::Now()) {}

  // The request's head, or why there is none as a status of HTTP; 0 when the client has gone.
  std::pair<std::string, int> ReadHead() const {
    std::string head;
    std::array<char, kMostRequestBytes> buffer;
    while (head.find("\r\n\r\n") == std::string::npos) {
      if (head.size() == buffer.size()) return {"", 431};
      if (!Await(POLLIN, begin_ + kRequestTime)) return {"", 408};
      const ssize_t count = recv(socket_, buffer.data(), buffer.size() - head.size(), 0);
      if (count <= 0) return {"", 0};
      head.append(buffer.data(), static_cast<size_t>(count));
    }
    return {std::move(head), 200};
  }

  void Write(std::string_view bytes) const {
    while (!bytes.empty() && Await(POLLOUT, begin_ + kExchangeTime)) {
      const ssize_t count = send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count <= 0) return;
      bytes.remove_prefix(static_cast<size_t>(count));
    }
  }

  // What was sent beyond the head is taken off, or the client would be told that the connection
  // broke and might not read the answer.
  void HangUp() const {
    shutdown(socket_, SHUT_WR);
    std::array<char, kMostRequestBytes> rest;
    for (int i = 0; i < 16 && Await(POLLIN, begin_ + kRequestTime); ++i) {
      if (recv(socket_, rest.data(), rest.size(), 0) <= 0) break;
    }
  }

 private:
  // False when the time is over, or the server stops.
  bool Await(int16_t what, absl::Time until) const {
    const absl::Duration left = until - absl::Now();
    if (left <= absl::ZeroDuration()) return false;
    std::array<pollfd, 2> waiting = {pollfd{socket_, what, 0}, pollfd{stop_, POLLIN, 0}};
    const auto milliseconds = static_cast<int>(absl::ToInt64Milliseconds(left)) + 1;
    return poll(waiting.data(), waiting.size(), milliseconds) > 0 && waiting[1].revents == 0;
  }

  const int socket_;
  const int stop_;
  const absl::Time begin_;
};

// A listening socket, or -1.
int Listen(const std::string& host, const std::string& port) {
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  if (getaddrinfo(host.c_str(), port.c_str(), &hints, &found) != 0) return -1;
  const absl::Cleanup freeing = [found] { freeaddrinfo(found); };
  const int made =
      socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
  const int yes = 1;
  setsockopt(made, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (bind(made, found->ai_addr, found->ai_addrlen) == 0 && listen(made, kBacklog) == 0) {
    return made;
  }
  close(made);
  return -1;
}

int PortOf(int socket) {
  sockaddr_in6 address = {};  // the port stands at the same place in an address of IPv4
  socklen_t size = sizeof address;
  getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin6_port);
}

}  // namespace

absl::StatusOr<std::unique_ptr<AdminServer>> AdminServer::Start(
    const std::string& listen, std::map<std::string, Route> routes) {
  const int socket = Listen(config::HostOf(listen), absl::StrCat(config::PortOf(listen)));
  if (socket < 0) {
    return absl::UnavailableError(
        absl::StrCat("cannot listen on ", listen, " for the admin port: is it taken?"));
  }
  std::string address = absl::StrCat(listen.substr(0, listen.rfind(':')), ":", PortOf(socket));
  return std::unique_ptr<AdminServer>(new AdminServer(
      socket, eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), std::move(address), std::move(routes)));
}

AdminServer::AdminServer(int socket, int stop, std::string address,
                         std::map<std::string, Route> routes)
    : socket_(socket), stop_(stop), address_(std::move(address)), routes_(std::move(routes)) {
  for (std::thread& thread : threads_) {
    thread = std::thread([this] { Run(); });
    pthread_setname_np(thread.native_handle(), "admin");
  }
}

AdminServer::~AdminServer() {
  Stop();
  close(stop_);
}

void AdminServer::Stop() {
  if (!threads_[0].joinable()) return;
  eventfd_write(stop_, 1);
  for (std::thread& thread : threads_) thread.join();
  close(socket_);
}

void AdminServer::Run() {
  while (true) {
    std::array<pollfd, 2> waiting = {pollfd{socket_, POLLIN, 0}, pollfd{stop_, POLLIN, 0}};
    poll(waiting.data(), waiting.size(), -1);
    if (waiting[1].revents != 0) return;
    const int connection = accept4(socket_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (connection < 0) {  // the other thread was faster; or there is no descriptor left
      if (errno == EMFILE || errno == ENFILE) absl::SleepFor(absl::Milliseconds(100));
      continue;
    }
    const absl::Cleanup closing = [connection] { close(connection); };
    const Exchange exchange(connection, stop_);
    const auto [head, read] = exchange.ReadHead();
    if (read == 0) continue;
    const Answer answer = read == 200 ? Decide(head) : Answer{read, "no request\n"};
    exchange.Write(absl::StrCat("HTTP/1.1 ", answer.status, " ",
                                std::string(PhraseOf(answer.status)),
                                "\r\nContent-Type: ", std::string(answer.content_type),
                                "\r\nContent-Length: ", answer.body.size(), "\r\nConnection: close",
                                answer.status == 405 ? "\r\nAllow: GET, HEAD" : "", "\r\n\r\n"));
    if (!absl::StartsWith(head, "HEAD ")) exchange.Write(answer.body);
    exchange.HangUp();
  }
}

Answer AdminServer::Decide(std::string_view request) const {
  const std::string line(request.substr(0, request.find("\r\n")));
  const std::vector<std::string> words = absl::StrSplit(line, ' ');
  if (words.size() != 3 || (words[2] != "HTTP/1.1" && words[2] != "HTTP/1.0")) {
    return {400, "not a request of HTTP/1.1\n"};
  }
  const auto route = routes_.find(words[1].substr(0, words[1].find('?')));
  if (route == routes_.end()) return {404, "not found\n"};
  if (words[0] != "GET" && words[0] != "HEAD") return {405, "GET and HEAD only\n"};
  try {
    return route->second();
  } catch (const std::exception&) {
    return {500, "failed\n"};
  }
}

}  // namespace veille::operations
