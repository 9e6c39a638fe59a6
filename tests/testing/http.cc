#include "testing/http.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <stdexcept>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"

namespace veille::testing {

RawConnection::RawConnection(const std::string& address) {
  const size_t colon = address.rfind(':');
  sockaddr_in target{};
  target.sin_family = AF_INET;
  target.sin_port = htons(static_cast<uint16_t>(std::stoi(address.substr(colon + 1))));
  inet_pton(AF_INET, address.substr(0, colon).c_str(), &target.sin_addr);
  socket_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (connect(socket_, reinterpret_cast<const sockaddr*>(&target), sizeof target) != 0) {
    close(socket_);
    throw std::runtime_error("nobody listens on " + address);
  }
}

RawConnection::~RawConnection() { close(socket_); }

void RawConnection::Send(const std::string& bytes) const {
  size_t sent = 0;
  while (sent < bytes.size()) {
    const ssize_t count = send(socket_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (count <= 0) return;  // closed: what was answered is still to be read
    sent += static_cast<size_t>(count);
  }
}

std::string RawConnection::ReadAll(absl::Duration timeout) const {
  const absl::Time deadline = absl::Now() + timeout;
  std::string all;
  std::array<char, 65536> buffer;
  while (true) {
    pollfd waiting = {socket_, POLLIN, 0};
    const absl::Duration left = deadline - absl::Now();
    if (left <= absl::ZeroDuration() ||
        poll(&waiting, 1, static_cast<int>(absl::ToInt64Milliseconds(left)) + 1) <= 0) {
      throw std::runtime_error("the connection stays open");
    }
    const ssize_t count = recv(socket_, buffer.data(), buffer.size(), 0);
    if (count <= 0) return all;
    all.append(buffer.data(), static_cast<size_t>(count));
  }
}

HttpAnswer ParseAnswer(const std::string& bytes) {
  HttpAnswer answer;
  const size_t end = bytes.find("\r\n\r\n");
  if (end == std::string::npos) return answer;
  answer.body = bytes.substr(end + 4);
  const std::vector<std::string> lines = absl::StrSplit(bytes.substr(0, end), "\r\n");
  answer.status = std::stoi(lines[0].substr(lines[0].find(' ') + 1));
  for (size_t i = 1; i < lines.size(); ++i) {
    const std::pair<std::string, std::string> header =
        absl::StrSplit(lines[i], absl::MaxSplits(": ", 1));
    answer.headers.insert(header);
  }
  return answer;
}

HttpAnswer Fetch(const std::string& address, const std::string& path, const std::string& method) {
  try {
    const RawConnection connection(address);
    connection.Send(absl::StrCat(method, " ", path, " HTTP/1.1\r\nHost: ", address, "\r\n\r\n"));
    return ParseAnswer(connection.ReadAll());
  } catch (const std::runtime_error&) {
    return {};
  }
}

}  // namespace veille::testing
