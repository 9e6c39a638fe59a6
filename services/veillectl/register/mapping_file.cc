// The JSON of a mapping.

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/macros.h"
#include "veille/registry/v1/register_row.pb.h"
#include "veillectl/client/failure.h"
#include "veillectl/register/closest.h"
#include "veillectl/register/mapping.h"

namespace veille::veillectl {
namespace {

using google::protobuf::FieldDescriptor;
using nlohmann::json;
using registry::v1::RegisterRow;

constexpr char kIgnore[] = "ignore";
constexpr size_t kMostBytes = 1 << 20;

absl::Status WrongMapping(std::string_view what) {
  return UsageError(absl::StrCat("the mapping ", std::string(what)));
}

absl::Status Unknown(std::string_view what, std::string_view name,
                     const std::vector<std::string>& known) {
  return WrongMapping(absl::StrCat("has the unknown ", std::string(what), " \"", std::string(name),
                                   "\"; the closest is \"", Closest(name, known),
                                   "\" (known: ", absl::StrJoin(known, ", "), ")"));
}

// nlohmann-json keeps the last of two equal keys in silence, so they are looked for while it reads.
class Keys {
 public:
  bool operator()(json::parse_event_t event, json& value) {
    if (event == json::parse_event_t::object_start) open_.emplace_back();
    if (event == json::parse_event_t::object_end && !open_.empty()) open_.pop_back();
    if (event == json::parse_event_t::key && !open_.empty() &&
        !open_.back().insert(value.get<std::string>()).second && repeated_.empty()) {
      repeated_ = value.get<std::string>();
    }
    return true;
  }
  const std::string& repeated() const { return repeated_; }

 private:
  std::vector<std::set<std::string>> open_;
  std::string repeated_;
};

absl::StatusOr<json> ParseJson(std::string_view text) {
  if (text.size() > kMostBytes) return WrongMapping("is longer than 1 MB");
  Keys keys;
  json parsed;
  try {
    parsed = json::parse(
        text.begin(), text.end(),
        [&keys](int, json::parse_event_t event, json& value) { return keys(event, value); });
  } catch (const json::parse_error& error) {
    const std::string_view before = text.substr(0, error.byte == 0 ? 0 : error.byte - 1);
    const auto line = 1 + std::count(before.begin(), before.end(), '\n');
    const size_t start = before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
    return WrongMapping(
        absl::StrCat("is no JSON: line ", line, ", column ", before.size() - start + 1));
  } catch (const json::out_of_range&) {
    return WrongMapping("is no JSON: it has a number that is too large");
  }
  if (!keys.repeated().empty()) {
    return WrongMapping(absl::StrCat("names \"", keys.repeated(), "\" twice"));
  }
  if (!parsed.is_object()) return WrongMapping("is no JSON object");
  return parsed;
}

std::vector<std::string> FieldNames() {
  std::vector<std::string> names;
  const auto* row = RegisterRow::descriptor();
  for (int i = 0; i < row->field_count(); ++i) {
    if (row->field(i)->name() != "line_number") names.push_back(row->field(i)->name());
  }
  names.emplace_back(kIgnore);
  return names;
}

// Phones are tried in their order; an address may stand in several cells.
bool TakesSeveralColumns(const FieldDescriptor* field) {
  return field->is_repeated() || field->name() == "street_address";
}

absl::StatusOr<Mapping::Column> ReadColumn(const std::string& name, const json& value) {
  static const std::vector<std::string> fields = FieldNames();
  if (FoldName(name).empty()) return WrongMapping("has a column without a name");
  if (!value.is_string()) {
    return WrongMapping(absl::StrCat("gives no name of a field for the column \"", name, "\""));
  }
  const auto field = value.get<std::string>();
  if (field == kIgnore) return Mapping::Column{name, nullptr};
  if (std::find(fields.begin(), fields.end(), field) == fields.end()) {
    return Unknown("field", field, fields);
  }
  return Mapping::Column{name, RegisterRow::descriptor()->FindFieldByName(field)};
}

absl::Status ReadColumns(const json& columns, Mapping& mapping) {
  if (!columns.is_object()) return WrongMapping("has no object as \"columns\"");
  std::set<std::string> names;
  std::set<const FieldDescriptor*> fields;
  for (const auto& [name, value] : columns.items()) {
    ASSIGN_OR_RETURN(Mapping::Column column, ReadColumn(name, value));
    if (!names.insert(FoldName(name)).second) {
      return WrongMapping(absl::StrCat("names the column \"", name, "\" twice"));
    }
    if (column.field != nullptr && !fields.insert(column.field).second &&
        !TakesSeveralColumns(column.field)) {
      return WrongMapping(absl::StrCat("fills ", column.field->name(), " from two columns"));
    }
    mapping.columns.push_back(std::move(column));
  }
  if (!fields.contains(RegisterRow::descriptor()->FindFieldByName("dwelling_number"))) {
    return WrongMapping("has no column for dwelling_number");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> ReadTexts(std::string_view key, const json& value) {
  std::vector<std::string> texts;
  const json list = value.is_array() ? value : json::array({value});
  for (const json& text : list) {
    if (!text.is_string()) {
      return WrongMapping(
          absl::StrCat("has something else than text in \"", std::string(key), "\""));
    }
    texts.push_back(text.get<std::string>());
  }
  return texts;
}

absl::Status ReadDates(const json& value, Mapping& mapping) {
  ASSIGN_OR_RETURN(const std::vector<std::string> texts, ReadTexts("date_format", value));
  mapping.dates.clear();
  for (const std::string& text : texts) {
    const std::optional<DatePattern> pattern = PatternOf(text);
    if (!pattern.has_value()) {
      return Unknown("date format", text,
                     {"dd/mm/yyyy", "dd-mm-yyyy", "dd.mm.yyyy", "ddmmyyyy", "yyyy-mm-dd",
                      "yyyy/mm/dd", "yyyymmdd", "mm/dd/yyyy"});
    }
    for (const DatePattern& other : mapping.dates) {
      if (AreAmbiguous(*pattern, other)) {
        return WrongMapping("has two date formats that read the same text as different dates");
      }
    }
    mapping.dates.push_back(*pattern);
  }
  return mapping.dates.empty() ? WrongMapping("has no date format") : absl::OkStatus();
}

absl::Status ReadAnswers(const json& value, std::string_view key, std::set<std::string>& answers) {
  answers.clear();
  if (!value.contains(key)) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::vector<std::string> texts, ReadTexts(key, value[std::string(key)]));
  for (const std::string& text : texts) answers.insert(FoldName(text));
  return absl::OkStatus();
}

absl::Status ReadObjection(const json& value, Mapping& mapping) {
  if (!value.is_object()) return WrongMapping("has no object as \"objection\"");
  for (const auto& [key, unused] : value.items()) {
    if (key != "yes" && key != "no") return Unknown("answer of objection", key, {"yes", "no"});
  }
  RETURN_IF_ERROR(ReadAnswers(value, "yes", mapping.objects));
  RETURN_IF_ERROR(ReadAnswers(value, "no", mapping.agrees));
  for (const std::string& answer : mapping.objects) {
    if (mapping.agrees.contains(answer)) {
      return WrongMapping("has the same value of objection as yes and as no");
    }
  }
  if (mapping.objects.empty()) return WrongMapping("has no value of objection that means yes");
  if (!mapping.objects.contains("")) mapping.agrees.insert("");
  mapping.strict_objection = true;
  return absl::OkStatus();
}

absl::Status ReadRelations(const json& value, Mapping& mapping) {
  if (!value.is_object()) return WrongMapping("has no object as \"relation\"");
  for (const auto& [from, to] : value.items()) {
    if (!to.is_string()) return WrongMapping("has something else than text in \"relation\"");
    mapping.relations[FoldName(from)] = to.get<std::string>();
  }
  return absl::OkStatus();
}

absl::Status ReadEncoding(const json& value, Mapping& mapping) {
  const std::string name = value.is_string() ? value.get<std::string>() : "";
  mapping.encoding = EncodingOf(name);
  if (mapping.encoding.has_value()) return absl::OkStatus();
  return WrongMapping(absl::StrCat("has no known encoding; known: ", EncodingNames()));
}

absl::Status ReadSeparator(const json& value, Mapping& mapping) {
  mapping.separator = SeparatorOf(value.is_string() ? value.get<std::string>() : "");
  if (mapping.separator.has_value()) return absl::OkStatus();
  return WrongMapping("has no known separator; known: ; , | and tab");
}

constexpr std::pair<const char*, absl::Status (*)(const json&, Mapping&)> kParts[] = {
    {"columns", ReadColumns},     {"date_format", ReadDates},  {"encoding", ReadEncoding},
    {"objection", ReadObjection}, {"relation", ReadRelations}, {"separator", ReadSeparator},
};

absl::Status ReadPart(const std::string& key, const json& value, Mapping& mapping) {
  std::vector<std::string> known;
  for (const auto& [name, read] : kParts) {
    if (key == name) return read(value, mapping);
    known.emplace_back(name);
  }
  return Unknown("key", key, known);
}

}  // namespace

absl::StatusOr<Mapping> ParseMapping(std::string_view text) {
  ASSIGN_OR_RETURN(const json parsed, ParseJson(text));
  Mapping mapping = UsualMapping();
  mapping.columns.clear();
  mapping.all_columns = true;
  for (const auto& [key, value] : parsed.items()) {
    RETURN_IF_ERROR(ReadPart(key, value, mapping));
  }
  if (mapping.columns.empty()) return WrongMapping("has no columns");
  return mapping;
}

}  // namespace veille::veillectl
