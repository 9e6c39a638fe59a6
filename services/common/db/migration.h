#pragma once

#include <string>

namespace veille::db {

// One step of a schema, embedded in the binary. Steps only go forward.
struct Migration {
  std::string scope;     // "common", "tenant_registry", …: versions count within a scope
  int version = 0;       // 1, 2, 3, … without gaps
  std::string name;      // "create_outbox"
  std::string checksum;  // SHA-256 of the text: an applied step never changes afterwards
  std::string sql;
};

}  // namespace veille::db
