#include "testing/late_relay.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <thread>

#include "absl/time/clock.h"

namespace veille::testing {
namespace {

sockaddr_in Loopback(int port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

// Until one end closes.
bool Pass(int from, int to) {
  std::array<char, 16384> bytes;
  const ssize_t count = read(from, bytes.data(), bytes.size());
  return count > 0 && write(to, bytes.data(), static_cast<size_t>(count)) == count;
}

void Relay(int client, int port, absl::Duration delay) {
  absl::SleepFor(delay);  // this is the fault, not a wait for something
  const int server = socket(AF_INET, SOCK_STREAM, 0);
  const sockaddr_in address = Loopback(port);
  bool open = connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
  while (open) {
    std::array<pollfd, 2> ends = {{{client, POLLIN, 0}, {server, POLLIN, 0}}};
    open = poll(ends.data(), ends.size(), -1) > 0;
    if (open && ends[0].revents != 0) open = Pass(client, server);
    if (open && ends[1].revents != 0) open = Pass(server, client);
  }
  close(server);
  close(client);
}

}  // namespace

int LatePort(int port, absl::Duration delay) {
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = Loopback(0);
  socklen_t length = sizeof(address);
  if (bind(listener, reinterpret_cast<const sockaddr*>(&address), length) != 0 ||
      listen(listener, 16) != 0 ||
      getsockname(listener, reinterpret_cast<sockaddr*>(&address), &length) != 0) {
    return 0;
  }
  std::thread([listener, port, delay] {
    for (int client = accept(listener, nullptr, nullptr); client >= 0;
         client = accept(listener, nullptr, nullptr)) {
      std::thread(Relay, client, port, delay).detach();
    }
  }).detach();
  return ntohs(address.sin_port);
}

}  // namespace veille::testing
