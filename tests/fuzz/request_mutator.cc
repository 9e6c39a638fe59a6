// How the fuzzers of requests change an input: its method stays, and what follows changes as bytes.

#include <algorithm>
#include <string>
#include <string_view>

#include "fuzz/requests.h"

extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t max_size);

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size,
                                          unsigned int seed) {
  const std::string input =
      veille::fuzz::AsBytes(std::string_view(reinterpret_cast<const char*>(data), size));
  const size_t head = input.find('\n') + 1;  // 0 without one
  // Now and then all of it, so that one request is tried as another's.
  if (head == 0 || head >= max_size || seed % 64 == 0) {
    return LLVMFuzzerMutate(data, size, max_size);
  }
  const size_t kept = std::min(input.size(), max_size);
  std::copy_n(input.begin(), kept, data);
  return head + LLVMFuzzerMutate(data + head, kept - head, max_size - head);
}
