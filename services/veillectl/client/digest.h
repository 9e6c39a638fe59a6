#pragma once

#include <string>
#include <string_view>

namespace veille::veillectl {

// 32 bytes.
std::string Sha256(std::string_view bytes);

// A UUID (version 8, RFC 9562) that is the same for the same name: an act that is repeated after a
// crash has the same request id, and is not done twice.
std::string NamedUuid(std::string_view name);

}  // namespace veille::veillectl
