#include "bench/sql_fill.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/privacy/seal.h"

namespace veille::bench {

// `$12` before `$1`.
std::string Fill(const db::Query& query, const std::vector<std::string>& values) {
  const std::string sql(query.sql);
  std::string text;
  for (size_t i = 0; i < sql.size(); ++i) {
    if (sql[i] != '$') {
      text.push_back(sql[i]);
      continue;
    }
    size_t number = 0;
    while (i + 1 < sql.size() && sql[i + 1] >= '0' && sql[i + 1] <= '9') {
      number = number * 10 + static_cast<size_t>(sql[++i] - '0');
    }
    text += values.at(number - 1);
  }
  return text;
}

std::string Text(std::string_view value) { return absl::StrCat("'", std::string(value), "'"); }

std::string Array(const std::string& expressions) {
  return absl::StrCat("ARRAY[", expressions, "]");
}

std::string Array(const std::vector<std::string>& expressions) {
  return Array(absl::StrJoin(expressions, ", "));
}

std::string Sealed(std::string_view plain) {
  const db::Bytes bytes = privacy::IdentitySeal().Close({}, plain);
  return absl::StrCat("'\\x", absl::BytesToHexString(bytes.value), "'");
}

}  // namespace veille::bench
