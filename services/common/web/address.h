#pragma once

// Internet addresses and networks of them, as numbers: how an address was spelt decides nothing.

#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace veille::web {

// IPv4 or IPv6. An IPv4 address written as an IPv6 one (::ffff:192.0.2.1) stays IPv6 here.
class Address {
 public:
  // "192.0.2.1" or "2001:db8::1", as inet_pton takes them: no other spelling, no zone.
  static std::optional<Address> Parse(const std::string& text);
  // Nothing for other families.
  static std::optional<Address> FromSocket(const sockaddr& address);

  bool is_v6() const { return is_v6_; }
  // The first 4 are the address when it is IPv4; the others are zero then.
  const std::array<uint8_t, 16>& bytes() const { return bytes_; }
  std::string ToString() const;

  friend auto operator<=>(const Address&, const Address&) = default;

 private:
  bool is_v6_ = false;
  std::array<uint8_t, 16> bytes_ = {};
};

// The addresses that begin with the same bits.
class Network {
 public:
  // "10.1.0.0/16" or "fd12::/32". Nothing when a bit is set behind the prefix: whoever writes
  // 10.1.2.3/8 means something else than what it says.
  static std::optional<Network> Parse(std::string_view text);

  // An IPv4 network has no IPv6 address in it, whatever that stands for.
  bool Contains(const Address& address) const;

 private:
  Network(const Address& first, int bits) : first_(first), bits_(bits) {}

  Address first_;
  int bits_;
};

}  // namespace veille::web
