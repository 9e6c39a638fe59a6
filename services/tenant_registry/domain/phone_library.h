#pragma once

// One phone number, as libphonenumber reads it. Some 20 to 200 µs each: callers with many numbers
// take the shortcut (phone_shortcut.h).

#include <string>
#include <string_view>

#include "tenant_registry/domain/phone_number.h"

namespace veille::tenant_registry {

// The text is one number, however it is parted inside. Threads: any.
PhoneNumber AskLibrary(std::string_view text, const std::string& region);

}  // namespace veille::tenant_registry
