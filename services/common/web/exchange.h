#pragma once

// One request and its answer, set up so that nothing but what was vetted is done: no redirect, no
// proxy, no cookie, no password, no other protocol; a socket to no other address.

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/curl/library.h"
#include "common/web/address_policy.h"
#include "common/web/target.h"

namespace veille::web {

inline constexpr size_t kMostBody = 20'000;
inline constexpr size_t kMostHeaders = 16'000;

struct Request {
  std::string url;
  std::vector<std::string> headers;  // "content-type: application/json"
  std::string body;
};

struct Response {
  int status = 0;  // 100 to 599; a redirect is an answer like any other
  std::string body;
  bool cut = false;            // the body is longer than kMostBody: this is its beginning
  absl::Duration retry_after;  // what the server asked for with Retry-After; zero: nothing
};

// The deadline of the call, and how long a connection may take.
struct Limits {
  absl::Time deadline;
  absl::Duration connect_timeout;
};

// Used on one thread, after curl::Load(); what it is given outlives it.
class Exchange {
 public:
  // `vetted`: all of what the target's name stands for. `authorities`: a PEM file, or empty for
  // those of the system.
  Exchange(const AddressPolicy& policy, const Target& target, std::vector<Address> vetted,
           const Request& request, const std::string& authorities, const Limits& limits);
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  // Null when libcurl cannot be set up.
  CURL* handle() const { return is_set_up_ ? curl_.get() : nullptr; }

  // What the transfer came to: PERMISSION_DENIED when a socket to another address was refused,
  // DEADLINE_EXCEEDED, or UNAVAILABLE with libcurl's word for it, which holds nothing of the
  // answer.
  absl::StatusOr<Response> Result(CURLcode code);

  // Connections that were begun, and those that were refused at the last moment.
  int opened() const { return opened_; }
  int refused() const { return refused_; }

 private:
  struct Cleanup {
    void operator()(CURL* curl) const { curl::Loaded().easy_cleanup(curl); }
    void operator()(curl_slist* list) const { curl::Loaded().slist_free_all(list); }
  };
  using List = std::unique_ptr<curl_slist, Cleanup>;

  static curl_socket_t OpenSocket(void* exchange, curlsocktype purpose, curl_sockaddr* address);
  static size_t TakeHeader(const char* bytes, size_t size, size_t count, void* exchange);
  static size_t TakeBody(const char* bytes, size_t size, size_t count, void* exchange);

  template <typename T>
  void Set(CURLoption option, T value) {
    is_set_up_ = is_set_up_ && curl::Loaded().easy_setopt(curl_.get(), option, value) == CURLE_OK;
  }
  static void Append(List& list, const std::string& line);
  bool MayOpen(const sockaddr& address) const;
  void SetWhere(const Target& target);
  void SetWhat(const Request& request);
  void SetTrust(const std::string& authorities);
  void SetLimits(const Limits& limits);

  const AddressPolicy& policy_;
  const std::vector<Address> vetted_;
  List pinned_;
  List headers_;
  Response response_;
  size_t header_bytes_ = 0;
  int opened_ = 0;
  int refused_ = 0;
  bool is_set_up_ = false;
  std::unique_ptr<CURL, Cleanup> curl_;  // last: it uses all of the above
};

}  // namespace veille::web
