#pragma once

// Pages by key: a page token is the id of the last entry of the page before.

#include <string>

#include "common/ids/uuid.h"
#include "common/status/errors.h"

namespace veille::rpc {

struct Page {
  int size = 50;
  ids::Uuid after;  // nil for the first page
};

Page ReadPage(int page_size, const std::string& page_token, errors::Violations& violations);

}  // namespace veille::rpc
