#include "common/ids/uuid.h"

#include <openssl/rand.h>

#include <chrono>
#include <cstdlib>

namespace veille::ids {
namespace {

constexpr char kHex[] = "0123456789abcdef";

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool IsDash(size_t position) {
  return position == 8 || position == 13 || position == 18 || position == 23;
}

// OpenSSL's generator is drawn from in blocks: one call for 64 identifiers.
struct RandomPool {
  std::array<uint8_t, 640> bytes;
  size_t used = 640;

  void Fill(uint8_t* out, size_t count) {
    if (used + count > bytes.size()) {
      // Without randomness identifiers would collide: there is no way on.
      if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) std::abort();
      used = 0;
    }
    for (size_t i = 0; i < count; ++i) out[i] = bytes[used++];
  }
};

}  // namespace

Uuid Uuid::Random() {
  thread_local RandomPool pool;
  std::array<uint8_t, 16> bytes;
  const auto nanoseconds =
      static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(
                                std::chrono::system_clock::now().time_since_epoch())
                                .count());
  const uint64_t milliseconds = nanoseconds / 1'000'000;
  // In 4096ths of a millisecond.
  const uint64_t rest = nanoseconds % 1'000'000 * 4096 / 1'000'000;
  for (int i = 0; i < 6; ++i) bytes[i] = static_cast<uint8_t>(milliseconds >> (8 * (5 - i)));
  bytes[6] = static_cast<uint8_t>(rest >> 8 | 0x70);
  bytes[7] = static_cast<uint8_t>(rest);
  pool.Fill(bytes.data() + 8, 8);
  bytes[8] = static_cast<uint8_t>((bytes[8] & 0x3f) | 0x80);
  return Uuid(bytes);
}

std::optional<Uuid> Uuid::Parse(std::string_view text) {
  if (text.size() != 36) return std::nullopt;
  std::array<uint8_t, 16> bytes{};
  size_t nibble = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (IsDash(i)) {
      if (text[i] != '-') return std::nullopt;
      continue;
    }
    const int value = HexValue(text[i]);
    if (value < 0) return std::nullopt;
    bytes[nibble / 2] = static_cast<uint8_t>(bytes[nibble / 2] << 4 | value);
    ++nibble;
  }
  return Uuid(bytes);
}

std::string Uuid::ToString() const {
  std::string text;
  text.reserve(36);
  for (size_t i = 0; i < bytes_.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text.push_back('-');
    text.push_back(kHex[bytes_[i] >> 4]);
    text.push_back(kHex[bytes_[i] & 0x0f]);
  }
  return text;
}

}  // namespace veille::ids
