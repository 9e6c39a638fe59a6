#include "common/db/sql_values.h"

#include <libpq-fe.h>

#include <stdexcept>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace veille::db::internal {
namespace {

const absl::Time kPostgresEpoch = absl::FromUnixSeconds(946684800);  // 2000-01-01 UTC

template <typename T>
void PutBigEndian(std::string& out, T value) {
  for (int shift = (sizeof(T) - 1) * 8; shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>(value >> shift));
  }
}

// A column that cannot be read is a fault of the statement or of the schema.
[[noreturn]] void Unreadable(const char* type) {
  throw std::runtime_error(absl::StrCat("a column does not hold a ", type));
}

template <typename T>
T ReadNumber(std::string_view text, const char* type) {
  T value = 0;
  if (!absl::SimpleAtoi(std::string(text), &value)) Unreadable(type);
  return value;
}

}  // namespace

BinaryArray::BinaryArray(uint32_t element_oid, size_t count) {
  out_.reserve(20 + count * 20);
  PutBigEndian<uint32_t>(out_, count == 0 ? 0 : 1);  // dimensions
  PutBigEndian<uint32_t>(out_, 1);                   // may hold NULLs
  PutBigEndian<uint32_t>(out_, element_oid);
  if (count == 0) return;
  PutBigEndian<uint32_t>(out_, static_cast<uint32_t>(count));
  PutBigEndian<uint32_t>(out_, 1);  // lower bound
}

void BinaryArray::AddNull() { PutBigEndian<uint32_t>(out_, 0xffffffffu); }
void BinaryArray::AddInt32(int32_t value) {
  PutBigEndian<uint32_t>(out_, 4);
  PutBigEndian<uint32_t>(out_, static_cast<uint32_t>(value));
}
void BinaryArray::AddInt64(int64_t value) {
  PutBigEndian<uint32_t>(out_, 8);
  PutBigEndian<uint64_t>(out_, static_cast<uint64_t>(value));
}
void BinaryArray::AddBool(bool value) {
  PutBigEndian<uint32_t>(out_, 1);
  out_.push_back(value ? 1 : 0);
}
void BinaryArray::AddBytes(std::string_view bytes) {
  PutBigEndian<uint32_t>(out_, static_cast<uint32_t>(bytes.size()));
  out_.append(bytes);
}
Parameter BinaryArray::Finish() { return {std::move(out_), /*is_binary=*/true}; }

std::string TimeToText(absl::Time time) {
  if (time == absl::InfiniteFuture()) return "infinity";
  if (time == absl::InfinitePast()) return "-infinity";
  return absl::FormatTime("%E4Y-%m-%d %H:%M:%E6S+00", time, absl::UTCTimeZone());
}

int64_t TimeToMicros(absl::Time time) {
  if (time == absl::InfiniteFuture()) return INT64_MAX;
  if (time == absl::InfinitePast()) return INT64_MIN;
  return absl::ToInt64Microseconds(time - kPostgresEpoch);
}

void Append(BinaryArray& array, bool value) { array.AddBool(value); }
void Append(BinaryArray& array, int32_t value) { array.AddInt32(value); }
void Append(BinaryArray& array, int64_t value) { array.AddInt64(value); }
void Append(BinaryArray& array, const std::string& value) { array.AddBytes(value); }
void Append(BinaryArray& array, const Bytes& value) { array.AddBytes(value.value); }
void Append(BinaryArray& array, const ids::Uuid& value) {
  array.AddBytes(std::string_view(reinterpret_cast<const char*>(value.bytes().data()), 16));
}
void Append(BinaryArray& array, absl::Time value) { array.AddInt64(TimeToMicros(value)); }

bool ReadBool(std::string_view text) {
  if (text != "t" && text != "f") Unreadable("boolean");
  return text == "t";
}

int32_t ReadInt32(std::string_view text) { return ReadNumber<int32_t>(text, "integer"); }
int64_t ReadInt64(std::string_view text) { return ReadNumber<int64_t>(text, "bigint"); }

double ReadDouble(std::string_view text) {
  double value = 0;
  if (!absl::SimpleAtod(std::string(text), &value)) Unreadable("double precision");
  return value;
}

// The session's format is hex: "\x00ff".
Bytes ReadBytes(std::string_view text) {
  if (text.empty()) return {};
  if (!text.starts_with("\\x") || text.size() % 2 != 0) Unreadable("bytea");
  return {absl::HexStringToBytes(std::string(text.substr(2)))};
}

ids::Uuid ReadUuid(std::string_view text) {
  const auto uuid = ids::Uuid::Parse(text);
  if (!uuid.has_value()) Unreadable("uuid");
  return *uuid;
}

// The session's format is ISO in UTC: "2020-03-17 09:00:00.123456+00".
absl::Time ReadTime(std::string_view text) {
  if (text == "infinity") return absl::InfiniteFuture();
  if (text == "-infinity") return absl::InfinitePast();
  absl::Time time;
  std::string error;
  if (!absl::ParseTime("%E4Y-%m-%d %H:%M:%E*S%Ez", std::string(text) + ":00", &time, &error)) {
    Unreadable("timestamptz");
  }
  return time;
}

absl::CivilDay ReadDay(std::string_view text) {
  absl::CivilDay day;
  if (!absl::ParseCivilTime(std::string(text), &day)) Unreadable("date");
  return day;
}

std::vector<std::string> ReadTextArray(std::string_view text) {
  if (text.size() < 2 || text.front() != '{' || text.back() != '}') Unreadable("array");
  text = text.substr(1, text.size() - 2);
  std::vector<std::string> values;
  if (text.empty()) return values;
  std::string value;
  bool quoted = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\\' && quoted && i + 1 < text.size()) {
      value.push_back(text[++i]);
    } else if (c == '"') {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      values.push_back(std::move(value));
      value.clear();
    } else {
      value.push_back(c);
    }
  }
  values.push_back(std::move(value));
  return values;
}

}  // namespace veille::db::internal

namespace veille::db {

int Row::Find(const char* column) const {
  const int at = PQfnumber(result_.get(), column);
  if (at < 0) throw std::runtime_error(absl::StrCat("no column ", column));
  return at;
}

bool Row::IsNull(int column) const { return PQgetisnull(result_.get(), row_, column) == 1; }

std::string_view Row::Text(int column) const {
  if (column >= PQnfields(result_.get())) throw std::runtime_error("no such column");
  return {PQgetvalue(result_.get(), row_, column),
          static_cast<size_t>(PQgetlength(result_.get(), row_, column))};
}

size_t Rows::size() const { return static_cast<size_t>(PQntuples(result_.get())); }

int64_t Rows::affected() const {
  const std::string_view count = PQcmdTuples(const_cast<pg_result*>(result_.get()));
  return count.empty() ? 0 : internal::ReadInt64(count);
}

}  // namespace veille::db
