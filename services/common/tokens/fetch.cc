#include "common/tokens/fetch.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>

#include "absl/strings/str_cat.h"
#include "common/curl/library.h"
#include "common/status/macros.h"

namespace veille::tokens {
namespace {

using curl::Loaded;

struct FreeCurl {
  void operator()(CURL* curl) const { Loaded().easy_cleanup(curl); }
  void operator()(CURLU* url) const { Loaded().url_cleanup(url); }
};
using Curl = std::unique_ptr<CURL, FreeCurl>;
using Url = std::unique_ptr<CURLU, FreeCurl>;

std::string PartOf(const Url& url, CURLUPart part) {
  char* text = nullptr;
  if (Loaded().url_get(url.get(), part, &text, 0) != CURLUE_OK) return "";
  std::string copy(text);
  Loaded().free(text);
  return copy;
}

bool IsLoopback(const std::string& host) {
  return host == "127.0.0.1" || host == "[::1]" || host == "localhost";
}

struct Transfer {
  std::string body;
  std::stop_token stop;
};

size_t Receive(const char* bytes, size_t size, size_t count, void* target) {
  auto& transfer = *static_cast<Transfer*>(target);
  const size_t more = size * count;
  if (transfer.body.size() + more > kMostKeyBytes) return 0;  // ends the transfer
  transfer.body.append(bytes, more);
  return more;
}

int ShouldStop(void* target, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<Transfer*>(target)->stop.stop_requested() ? 1 : 0;
}

template <typename T>
bool Set(const Curl& curl, CURLoption option, T value) {
  return Loaded().easy_setopt(curl.get(), option, value) == CURLE_OK;
}

bool Configure(const Curl& curl, const std::string& location, const FetchOptions& options,
               Transfer& transfer) {
  const bool is_loopback = location.starts_with("http://");
  const long timeout = static_cast<long>(absl::ToInt64Milliseconds(options.timeout));
  bool set = Set(curl, CURLOPT_URL, location.c_str()) &&
             Set(curl, CURLOPT_PROTOCOLS_STR, is_loopback ? "http" : "https") &&
             Set(curl, CURLOPT_FOLLOWLOCATION, 0L) && Set(curl, CURLOPT_SSL_VERIFYPEER, 1L) &&
             Set(curl, CURLOPT_SSL_VERIFYHOST, 2L) &&
             Set(curl, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2)) &&
             Set(curl, CURLOPT_TIMEOUT_MS, timeout) && Set(curl, CURLOPT_NOSIGNAL, 1L) &&
             Set(curl, CURLOPT_MAXFILESIZE, static_cast<long>(kMostKeyBytes)) &&
             Set(curl, CURLOPT_WRITEFUNCTION, Receive) && Set(curl, CURLOPT_WRITEDATA, &transfer) &&
             Set(curl, CURLOPT_XFERINFOFUNCTION, ShouldStop) &&
             Set(curl, CURLOPT_XFERINFODATA, &transfer) && Set(curl, CURLOPT_NOPROGRESS, 0L) &&
             Set(curl, CURLOPT_USERAGENT, "veille");
  if (is_loopback) set = set && Set(curl, CURLOPT_NOPROXY, "*");
  if (!options.authorities.empty()) {
    set = set && Set(curl, CURLOPT_CAINFO, options.authorities.c_str());
  }
  return set;
}

absl::StatusOr<std::string> FetchUrl(const std::string& location, const FetchOptions& options,
                                     std::stop_token stop) {
  const Curl curl(Loaded().easy_init());
  Transfer transfer{{}, std::move(stop)};
  if (curl == nullptr || !Configure(curl, location, options, transfer)) {
    return absl::UnavailableError("libcurl cannot be set up");
  }
  const CURLcode result = Loaded().easy_perform(curl.get());
  if (transfer.stop.stop_requested()) return absl::CancelledError("stopped");
  if (result == CURLE_WRITE_ERROR || result == CURLE_FILESIZE_EXCEEDED) {
    return absl::UnavailableError("the answer is longer than 256 KB");
  }
  // The library's word for the error holds nothing of the answer.
  if (result != CURLE_OK) return absl::UnavailableError(Loaded().easy_strerror(result));
  long code = 0;
  Loaded().easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &code);
  if (code != 200) return absl::UnavailableError(absl::StrCat("the answer is HTTP ", code));
  return std::move(transfer.body);
}

}  // namespace

bool IsUrl(std::string_view location) { return location.find("://") != std::string_view::npos; }

absl::Status CheckLocation(const std::string& location, const FetchOptions& options) {
  if (!IsUrl(location)) return absl::OkStatus();
  RETURN_IF_ERROR(curl::Load());
  const Url url(Loaded().url());
  if (Loaded().url_set(url.get(), CURLUPART_URL, location.c_str(), 0) != CURLUE_OK ||
      !PartOf(url, CURLUPART_USER).empty() || !PartOf(url, CURLUPART_FRAGMENT).empty()) {
    return absl::InvalidArgumentError(
        "keys are fetched from an https address without a user and without a fragment");
  }
  const std::string scheme = PartOf(url, CURLUPART_SCHEME);
  const bool may_be_plain = options.loopback_http && IsLoopback(PartOf(url, CURLUPART_HOST));
  if (scheme == "https" || (scheme == "http" && may_be_plain)) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("keys are fetched over https only, not from ", location));
}

absl::StatusOr<std::string> ReadKeyFile(const std::string& path) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    return absl::NotFoundError(absl::StrCat(path, " cannot be read: ", std::strerror(errno)));
  }
  std::string text(kMostKeyBytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad()) return absl::UnavailableError(absl::StrCat(path, " cannot be read"));
  text.resize(static_cast<size_t>(file.gcount()));
  if (text.size() > kMostKeyBytes) {
    return absl::UnavailableError(absl::StrCat(path, " is longer than 256 KB"));
  }
  return text;
}

absl::StatusOr<std::string> FetchKeys(const std::string& location, const FetchOptions& options,
                                      std::stop_token stop) {
  RETURN_IF_ERROR(CheckLocation(location, options));
  if (!IsUrl(location)) return ReadKeyFile(location);
  return FetchUrl(location, options, std::move(stop));
}

}  // namespace veille::tokens
