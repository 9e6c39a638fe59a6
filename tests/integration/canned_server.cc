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

}  // namespace

CannedServer::CannedServer(std::optional<veillectl::KeyedCertificate> certificate)
    : certificate_(std::move(certificate)) {
  std::signal(SIGPIPE, SIG_IGN);  // who asks may hang up
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (bind(listener_, generic, size) != 0 || listen(listener_, 8) != 0 ||
      getsockname(listener_, generic, &size) != 0) {
    std::abort();
  }
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { Run(); });
}

CannedServer::~CannedServer() {
  stopping_ = true;
  thread_.join();
  close(listener_);
}

void CannedServer::Say(std::string answer, bool hangs) {
  absl::MutexLock lock(&mutex_);
  answer_ = std::move(answer);
  hangs_ = hangs;
}

void CannedServer::SayOk(const std::string& body) {
  Say("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) +
      "\r\nConnection: close\r\n\r\n" + body);
}

void CannedServer::Run() {
  while (!stopping_) {
    pollfd ready = {listener_, POLLIN, 0};
    if (poll(&ready, 1, 20) != 1) continue;
    const int connection = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) continue;
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
  char request[4096];
  const auto read_some = [&] {
    return tls == nullptr ? read(connection, request, sizeof(request))
                          : SSL_read(tls.get(), request, sizeof(request));
  };
  if (read_some() <= 0) return;
  ++requests_;
  std::string answer;
  bool hangs = false;
  {
    absl::MutexLock lock(&mutex_);
    answer = answer_;
    hangs = hangs_;
  }
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
