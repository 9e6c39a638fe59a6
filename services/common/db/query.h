#pragma once

#include <string_view>

namespace veille::db {

// A statement with a name. The name is also the prepared statement's, the metric's label and the
// key in the coverage of queries, so it is unique in the tree: "<table or subject>.<verb>". The
// text is a constant: values are always bound parameters.
struct Query {
  std::string_view name;
  std::string_view sql;
};

}  // namespace veille::db
