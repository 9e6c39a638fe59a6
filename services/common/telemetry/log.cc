#include "common/telemetry/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace veille::log {
namespace {

spdlog::level::level_enum ToSpdlog(Level level) {
  switch (level) {
    case Level::kDebug:
      return spdlog::level::debug;
    case Level::kInfo:
      return spdlog::level::info;
    case Level::kWarning:
      return spdlog::level::warn;
    case Level::kError:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

// Keeps one event on one line whatever a value holds.
std::string OneWord(std::string_view text) {
  std::string word;
  for (const char c : text) {
    const bool is_control = static_cast<unsigned char>(c) < ' ' || c == '\x7f';
    word.push_back(is_control ? ' ' : (c == '"' ? '\'' : c));
  }
  if (word.find(' ') == std::string::npos && !word.empty()) return word;
  return '"' + word + '"';
}

}  // namespace

Field::Field(Literal key, Text value) : key_(key.text()), value_(OneWord(value.value)) {}
Field::Field(Literal key, absl::Duration value)
    : key_(key.text()), value_(absl::FormatDuration(value)) {}
Field::Field(Literal key, absl::StatusCode value)
    : key_(key.text()), value_(absl::StatusCodeToString(value)) {}
Field::Field(Literal key, const ids::Uuid& value) : key_(key.text()), value_(value.ToString()) {}

void Start(std::string_view program, Level least) {
  auto logger = std::make_shared<spdlog::logger>(std::string(program),
                                                 std::make_shared<spdlog::sinks::stderr_sink_mt>());
  logger->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %n %v", spdlog::pattern_time_type::utc);
  logger->set_level(ToSpdlog(least));
  logger->flush_on(spdlog::level::debug);
  spdlog::set_default_logger(std::move(logger));
}

void Write(Level level, Literal event, std::initializer_list<Field> fields) {
  const auto spdlog_level = ToSpdlog(level);
  if (!spdlog::should_log(spdlog_level)) return;
  std::string line(event.text());
  for (const Field& field : fields) {
    line.append(" ").append(field.key()).append("=").append(field.value());
  }
  // As an argument, not as the format: the line may hold braces.
  spdlog::log(spdlog_level, "{}", line);
}

}  // namespace veille::log
