#include "integration/canned_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <memory>
#include <utility>

namespace veille::testing {
namespace {

struct Cleanup {
  void operator()(SSL* tls) const { SSL_free(tls); }
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
template <typename T>
using Owned = std::unique_ptr<T, Cleanup>;

Owned<SSL> Accept(int connection, const veillectl::KeyedCertificate& texts) {
  const Owned<SSL_CTX> context(SSL_CTX_new(TLS_server_method()));
  const Owned<BIO> first(BIO_new_mem_buf(texts.certificate.data(), -1));
  const Owned<BIO> second(BIO_new_mem_buf(texts.key.data(), -1));
  const Owned<X509> certificate(PEM_read_bio_X509(first.get(), nullptr, nullptr, nullptr));
  const Owned<EVP_PKEY> key(PEM_read_bio_PrivateKey(second.get(), nullptr, nullptr, nullptr));
  SSL_CTX_use_certificate(context.get(), certificate.get());
  SSL_CTX_use_PrivateKey(context.get(), key.get());
  Owned<SSL> tls(SSL_new(context.get()));
  SSL_set_fd(tls.get(), connection);
  if (SSL_accept(tls.get()) != 1) tls.reset();
  ERR_clear_error();
  return tls;
}

// An IPv6 socket takes IPv4 too, unless told otherwise.
int Bind(CannedServer::Where where) {
  const int listener = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in6 address = {};
  address.sin6_family = AF_INET6;
  if (where == CannedServer::Where::kLoopback) {
    inet_pton(AF_INET6, "::ffff:127.0.0.1", &address.sin6_addr);
  }
  const int no = 0;
  setsockopt(listener, IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof(no));
  if (bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0 ||
      listen(listener, 64) != 0) {
    std::abort();
  }
  return listener;
}

// Whether all of the headers are there, and as much of a body as they say.
bool IsWhole(const std::string& request) {
  const size_t end = request.find("\r\n\r\n");
  if (end == std::string::npos) return false;
  const size_t length = request.find("Content-Length: ");
  if (length > end) return true;
  return request.size() >= end + 4 + std::stoul(request.substr(length + 16));
}

int PortOf(int listener) {
  sockaddr_in6 address = {};
  socklen_t size = sizeof(address);
  if (getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) != 0) std::abort();
  return ntohs(address.sin6_port);
}

}  // namespace

CannedServer::CannedServer(std::optional<veillectl::KeyedCertificate> certificate, Where where)
    : certificate_(std::move(certificate)), listener_(Bind(where)), port_(PortOf(listener_)) {
  std::signal(SIGPIPE, SIG_IGN);  // who asks may hang up
  thread_ = std::thread([this] { Run(); });
}

CannedServer::~CannedServer() {
  stopping_ = true;
  thread_.join();
  close(listener_);
}

void CannedServer::Answer(std::function<std::string(const std::string& request)> answer) {
  absl::MutexLock lock(&mutex_);
  answer_ = std::move(answer);
  hangs_ = false;
}

void CannedServer::Say(std::string answer, bool hangs) {
  absl::MutexLock lock(&mutex_);
  answer_ = [answer](const std::string&) { return answer; };
  hangs_ = hangs;
}

void CannedServer::SayOk(const std::string& body) {
  Say("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) +
      "\r\nConnection: close\r\n\r\n" + body);
}

std::string CannedServer::last_request() const {
  absl::MutexLock lock(&mutex_);
  return last_request_;
}

void CannedServer::Run() {
  while (!stopping_) {
    pollfd ready = {listener_, POLLIN, 0};
    if (poll(&ready, 1, 20) != 1) continue;
    const int connection = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) continue;
    ++connections_;
    const timeval patience = {10, 0};
    setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    Serve(connection);
    close(connection);
  }
}

void CannedServer::Serve(int connection) {
  Owned<SSL> tls;
  if (certificate_.has_value()) {
    tls = Accept(connection, *certificate_);
    if (tls == nullptr) return;
  }
  std::string request;
  const auto read_some = [&] {
    char bytes[4096];
    const auto count = tls == nullptr ? read(connection, bytes, sizeof(bytes))
                                      : SSL_read(tls.get(), bytes, sizeof(bytes));
    if (count > 0) request.append(bytes, static_cast<size_t>(count));
    return count > 0;
  };
  while (!IsWhole(request)) {
    if (!read_some()) return;
  }
  ++requests_;
  std::function<std::string(const std::string&)> answers;
  bool hangs = false;
  {
    absl::MutexLock lock(&mutex_);
    last_request_ = request;
    answers = answer_;
    hangs = hangs_;
  }
  const std::string answer = answers ? answers(request) : std::string();
  const int size = static_cast<int>(answer.size());
  if (size > 0 && (tls == nullptr ? write(connection, answer.data(), answer.size())
                                  : SSL_write(tls.get(), answer.data(), size)) <= 0) {
    return;
  }
  // Until the other side hangs up, as it does when it loses its patience.
  if (hangs) (void)read_some();
  if (tls != nullptr) SSL_shutdown(tls.get());
}

}  // namespace veille::testing
