#include "common/web/exchange.h"

#include <sys/socket.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"

namespace veille::web {
namespace {

long Milliseconds(absl::Duration duration) {
  return std::max(1L, static_cast<long>(absl::ToInt64Milliseconds(duration)));
}

}  // namespace

Exchange::Exchange(const AddressPolicy& policy, const Target& target, std::vector<Address> vetted,
                   const Request& request, const std::string& authorities, const Limits& limits)
    : policy_(policy), vetted_(std::move(vetted)), curl_(curl::Loaded().easy_init()) {
  is_set_up_ = curl_ != nullptr;
  SetWhere(target);
  SetWhat(request);
  SetTrust(authorities);
  SetLimits(limits);
}

void Exchange::Append(List& list, const std::string& line) {
  curl_slist* longer = curl::Loaded().slist_append(list.get(), line.c_str());
  if (longer == nullptr) return;
  (void)list.release();
  list.reset(longer);
}

void Exchange::SetWhere(const Target& target) {
  Set(CURLOPT_URL, target.ToUrl().c_str());
  Set(CURLOPT_PATH_AS_IS, 1L);
  Set(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
  Set(CURLOPT_PROTOCOLS_STR, "https");
  Set(CURLOPT_REDIR_PROTOCOLS_STR, "https");
  Set(CURLOPT_FOLLOWLOCATION, 0L);
  Set(CURLOPT_PROXY, "");
  Set(CURLOPT_NOPROXY, "*");
  Set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  Set(CURLOPT_OPENSOCKETFUNCTION, &Exchange::OpenSocket);
  Set(CURLOPT_OPENSOCKETDATA, this);
  if (target.literal.has_value()) return;
  // In place of a look-up of libcurl's own, whose answer might be another.
  const std::string addresses = absl::StrJoin(
      vetted_, ",",
      [](std::string* out, const Address& address) { out->append(address.ToString()); });
  Append(pinned_, absl::StrCat("+", target.host, ":", target.port, ":", addresses));
  Set(CURLOPT_RESOLVE, pinned_.get());
}

void Exchange::SetWhat(const Request& request) {
  for (const std::string& header : request.headers) Append(headers_, header);
  Append(headers_, "Expect:");  // none: the body is short
  Set(CURLOPT_HTTPHEADER, headers_.get());
  Set(CURLOPT_POST, 1L);
  Set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
  Set(CURLOPT_COPYPOSTFIELDS, request.body.data());
  Set(CURLOPT_USERAGENT, "veille");
  Set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS));
  Set(CURLOPT_HEADERFUNCTION, &Exchange::TakeHeader);
  Set(CURLOPT_HEADERDATA, this);
  Set(CURLOPT_WRITEFUNCTION, &Exchange::TakeBody);
  Set(CURLOPT_WRITEDATA, this);
}

void Exchange::SetTrust(const std::string& authorities) {
  Set(CURLOPT_SSL_VERIFYPEER, 1L);
  Set(CURLOPT_SSL_VERIFYHOST, 2L);
  Set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (authorities.empty()) return;
  Set(CURLOPT_CAINFO, authorities.c_str());
  Set(CURLOPT_CAPATH, static_cast<const char*>(nullptr));
}

void Exchange::SetLimits(const Limits& limits) {
  Set(CURLOPT_TIMEOUT_MS, Milliseconds(limits.deadline - absl::Now()));
  Set(CURLOPT_CONNECTTIMEOUT_MS, Milliseconds(limits.connect_timeout));
  Set(CURLOPT_NOSIGNAL, 1L);
  // A connection is used again for a while, and looked up again after that.
  Set(CURLOPT_MAXAGE_CONN, 60L);
  Set(CURLOPT_MAXLIFETIME_CONN, 300L);
}

bool Exchange::MayOpen(const sockaddr& address) const {
  const std::optional<Address> actual = Address::FromSocket(address);
  return actual.has_value() && policy_.Check(*actual).ok() &&
         std::find(vetted_.begin(), vetted_.end(), *actual) != vetted_.end();
}

curl_socket_t Exchange::OpenSocket(void* exchange, curlsocktype purpose, curl_sockaddr* address) {
  auto& self = *static_cast<Exchange*>(exchange);
  if (purpose != CURLSOCKTYPE_IPCXN || !self.MayOpen(address->addr)) {
    ++self.refused_;
    return CURL_SOCKET_BAD;
  }
  ++self.opened_;
  return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

size_t Exchange::TakeHeader(const char*, size_t size, size_t count, void* exchange) {
  auto& self = *static_cast<Exchange*>(exchange);
  self.header_bytes_ += size * count;
  return self.header_bytes_ > kMostHeaders ? 0 : size * count;  // 0 ends the transfer
}

size_t Exchange::TakeBody(const char* bytes, size_t size, size_t count, void* exchange) {
  Response& response = static_cast<Exchange*>(exchange)->response_;
  const size_t more = size * count;
  const size_t fits = std::min(more, kMostBody - response.body.size());
  response.body.append(bytes, fits);
  response.cut = fits < more;
  return response.cut ? 0 : more;
}

absl::StatusOr<Response> Exchange::Result(CURLcode code) {
  if (refused_ > 0 && opened_ == 0) {
    return absl::PermissionDeniedError("the address is not the one that was vetted");
  }
  if (header_bytes_ > kMostHeaders) {
    return absl::UnavailableError("the headers of the answer are longer than 16 kB");
  }
  if (code == CURLE_OPERATION_TIMEDOUT) {
    return absl::DeadlineExceededError("the answer did not come in time");
  }
  const bool is_cut = code == CURLE_WRITE_ERROR && response_.cut;
  if (code != CURLE_OK && !is_cut)
    return absl::UnavailableError(curl::Loaded().easy_strerror(code));
  long status = 0;
  curl_off_t retry_after = 0;
  curl::Loaded().easy_getinfo(curl_.get(), CURLINFO_RESPONSE_CODE, &status);
  curl::Loaded().easy_getinfo(curl_.get(), CURLINFO_RETRY_AFTER, &retry_after);
  response_.status = static_cast<int>(status);
  response_.retry_after = absl::Seconds(std::max<curl_off_t>(retry_after, 0));
  return std::move(response_);
}

}  // namespace veille::web
