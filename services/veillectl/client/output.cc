#include "veillectl/client/output.h"

#include <algorithm>

#include "absl/time/time.h"
#include "google/protobuf/util/json_util.h"

namespace veille::veillectl {
namespace {

// Characters, not bytes: names have accents.
size_t WidthOf(const std::string& text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char byte) {
    return (static_cast<unsigned char>(byte) & 0xC0) != 0x80;
  }));
}

std::string ToJson(const google::protobuf::Message& message, bool whitespace) {
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = whitespace;
  options.always_print_primitive_fields = true;
  options.preserve_proto_field_names = true;
  std::string text;
  (void)google::protobuf::util::MessageToJsonString(message, &text, options);
  return text;
}

}  // namespace

std::string AsJson(const google::protobuf::Message& message) { return ToJson(message, true); }

std::string AsJsonLine(const google::protobuf::Message& message) { return ToJson(message, false); }

std::ostream& operator<<(std::ostream& out, const Table& table) {
  std::vector<size_t> widths;
  for (const auto& row : table.rows_) {
    widths.resize(std::max(widths.size(), row.size()));
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], WidthOf(row[i]));
  }
  for (const auto& row : table.rows_) {
    size_t cells = row.size();
    while (cells > 1 && row[cells - 1].empty()) --cells;
    for (size_t i = 0; i < cells; ++i) {
      out << row[i];
      if (i + 1 < cells) out << std::string(widths[i] - WidthOf(row[i]) + 2, ' ');
    }
    out << "\n";
  }
  return out;
}

std::string Moment(const google::protobuf::Timestamp& time) {
  if (time.seconds() == 0 && time.nanos() == 0) return "-";
  return absl::FormatTime("%Y-%m-%d %H:%M", absl::FromUnixSeconds(time.seconds()),
                          absl::LocalTimeZone());
}

}  // namespace veille::veillectl
