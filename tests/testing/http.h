#pragma once

// HTTP as bytes on a connection of its own, so that a test can also send what no client would.

#include <map>
#include <string>

#include "absl/time/time.h"

namespace veille::testing {

// A connection to HOST:PORT (numbers). Throws when there is none.
class RawConnection {
 public:
  explicit RawConnection(const std::string& address);
  ~RawConnection();
  RawConnection(const RawConnection&) = delete;
  RawConnection& operator=(const RawConnection&) = delete;

  void Send(const std::string& bytes) const;
  // All that comes until the other side closes; throws when it has not within `timeout`.
  std::string ReadAll(absl::Duration timeout = absl::Seconds(20)) const;

 private:
  int socket_ = -1;
};

struct HttpAnswer {
  int status = 0;  // 0: nobody answered
  std::map<std::string, std::string> headers;
  std::string body;
};
HttpAnswer ParseAnswer(const std::string& bytes);

// One request; status 0 when nobody listens.
HttpAnswer Fetch(const std::string& address, const std::string& path,
                 const std::string& method = "GET");

}  // namespace veille::testing
