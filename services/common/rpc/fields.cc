#include "common/rpc/fields.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/ids/uuid.h"
#include "common/rpc/utf8.h"

namespace veille::rpc {

ids::Uuid ReadUuid(std::string_view field, const std::string& text, Violations& violations) {
  const auto uuid = ids::Uuid::Parse(text);
  if (!uuid.has_value() || uuid->is_nil()) {
    violations.Add(std::string(field),
                   text.empty() ? "is required" : "is not a UUID of 36 characters");
    return {};
  }
  return *uuid;
}

std::string ReadText(std::string_view field, const std::string& text, int least, int most,
                     Violations& violations) {
  const int64_t length = Characters(text);
  if (length < least && length == 0) {
    violations.Add(std::string(field), "is required");
  } else if (length < least || length > most) {
    violations.Add(std::string(field),
                   absl::StrCat("must have ", least, " to ", most, " characters"));
  } else if (least > 0 && absl::StripAsciiWhitespace(text).empty()) {
    violations.Add(std::string(field), "is only white space");
  }
  return text;
}

int64_t ReadNumber(std::string_view field, int64_t value, int64_t least, int64_t most,
                   Violations& violations) {
  if (value < least || value > most) {
    violations.Add(std::string(field), absl::StrCat("must be ", least, " to ", most));
    return least;
  }
  return value;
}

void CheckCount(std::string_view field, int count, int least, int most, Violations& violations) {
  if (count >= least && count <= most) return;
  violations.Add(std::string(field),
                 absl::StrCat("must have ", least, " to ", most, " entries, not ", count));
}

absl::CivilDay ReadDate(std::string_view field, bool present, const veille::common::v1::Date& date,
                        Violations& violations) {
  if (!present) {
    violations.Add(std::string(field), "is required");
    return {};
  }
  const absl::CivilDay day(date.year(), date.month(), date.day());
  if (date.year() < 1900 || date.year() > 2100 || day.month() != date.month() ||
      day.day() != date.day()) {
    violations.Add(std::string(field), "is not a day between 1900 and 2100");
    return {};
  }
  return day;
}

absl::Time ReadTime(std::string_view field, bool present, const google::protobuf::Timestamp& time,
                    Violations& violations) {
  if (!present) {
    violations.Add(std::string(field), "is required");
    return absl::UnixEpoch();
  }
  static const absl::Time kFirst = absl::FromCivil(absl::CivilYear(1900), absl::UTCTimeZone());
  static const absl::Time kLast = absl::FromCivil(absl::CivilYear(2200), absl::UTCTimeZone());
  const bool nanos_fit = time.nanos() >= 0 && time.nanos() < 1'000'000'000;
  const absl::Time read = absl::FromUnixSeconds(time.seconds()) + absl::Nanoseconds(time.nanos());
  if (!nanos_fit || read < kFirst || read >= kLast) {
    violations.Add(std::string(field), "is not a time between 1900 and 2199");
    return absl::UnixEpoch();
  }
  return absl::FromUnixMicros(absl::ToUnixMicros(read));
}

veille::common::v1::Date ToProto(absl::CivilDay day) {
  veille::common::v1::Date date;
  date.set_year(static_cast<int32_t>(day.year()));
  date.set_month(day.month());
  date.set_day(day.day());
  return date;
}

google::protobuf::Timestamp ToProto(absl::Time time) {
  google::protobuf::Timestamp stamp;
  const int64_t seconds = absl::ToUnixSeconds(time);
  stamp.set_seconds(seconds);
  stamp.set_nanos(
      static_cast<int32_t>((time - absl::FromUnixSeconds(seconds)) / absl::Nanoseconds(1)));
  return stamp;
}

std::string At(std::string_view field, int index) {
  return absl::StrCat(std::string(field), "[", index, "]");
}

std::string In(std::string_view outer, std::string_view field) {
  return absl::StrCat(std::string(outer), ".", std::string(field));
}

std::string ReadLanguage(std::string_view field, const std::string& tag, Violations& violations) {
  bool fits = tag.size() >= 2 && tag.size() <= 35;
  bool first = true;
  for (const absl::string_view part : absl::StrSplit(tag, '-')) {
    fits = fits && !part.empty() && part.size() <= 8 && (!first || part.size() >= 2) &&
           std::all_of(part.begin(), part.end(), [first](unsigned char c) {
             return first ? absl::ascii_isalpha(c) : absl::ascii_isalnum(c);
           });
    first = false;
  }
  if (!fits) violations.Add(std::string(field), "is not a BCP 47 tag such as fr or pt-BR");
  return tag;
}

std::string Etag(int64_t version) { return absl::StrCat("v", version); }

}  // namespace veille::rpc
