#pragma once

// Statements of the services with their parameters written out, as pgbench runs them.

#include <string>
#include <string_view>
#include <vector>

#include "common/db/query.h"

namespace veille::bench {

// The statement with its parameters, which are SQL expressions.
std::string Fill(const db::Query& query, const std::vector<std::string>& values);

std::string Text(std::string_view value);                        // 'value'
std::string Array(const std::string& expressions);               // ARRAY[…]
std::string Array(const std::vector<std::string>& expressions);  // ARRAY[…, …]

// A sealed value, as a bytea.
std::string Sealed(std::string_view plain);

}  // namespace veille::bench
