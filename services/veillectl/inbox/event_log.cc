#include "veillectl/inbox/event_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <iostream>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/status/macros.h"
#include "veillectl/client/failure.h"
#include "veillectl/client/input.h"

namespace veille::veillectl {
namespace {

using Json = nlohmann::ordered_json;

Json Begin(std::string_view event, const Notice& notice) {
  return Json{
      {"event", event},
      {"time", absl::FormatTime("%Y-%m-%d%ET%H:%M:%E3SZ", absl::Now(), absl::UTCTimeZone())},
      {"referral_id", notice.referral_id},
      {"assignment_fence", notice.assignment_fence}};
}

// Ids come from outside: what is not UTF-8 is replaced, never thrown over.
std::string LineOf(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

absl::StatusOr<std::unique_ptr<EventLog>> EventLog::Open(const std::string& path) {
  std::unique_ptr<EventLog> log(new EventLog);
  if (path.empty()) return log;
  log->file_ = open(path.c_str(), O_CREAT | O_RDWR | O_APPEND | O_CLOEXEC, 0640);
  if (log->file_ < 0) return UsageError(absl::StrCat("the log ", path, " cannot be written"));
  ASSIGN_OR_RETURN(const std::string content, ReadInput(path));
  const size_t whole = content.rfind('\n') == std::string::npos ? 0 : content.rfind('\n') + 1;
  if (whole < content.size() && ftruncate(log->file_, static_cast<off_t>(whole)) != 0) {
    return UsageError(absl::StrCat("the log ", path, " cannot be mended"));
  }
  absl::MutexLock lock(&log->mutex_);
  for (const absl::string_view line :
       absl::StrSplit(absl::string_view(content).substr(0, whole), '\n', absl::SkipEmpty())) {
    const Json json = Json::parse(line.begin(), line.end(), nullptr, /*allow_exceptions=*/false);
    if (!json.is_object() || !json.value("event", Json()).is_string()) {
      return UsageError(absl::StrCat(path, " has lines that are no log of a partner-inbox"));
    }
    log->told_.insert(
        {json["event"].get<std::string>(),
         {json.value("referral_id", ""), json.value("assignment_fence", int64_t{0})}});
  }
  return log;
}

EventLog::~EventLog() {
  if (file_ >= 0) close(file_);
}

void EventLog::Received(const Notice& notice, const std::string& delivery_id, int64_t version) {
  Json json = Begin("received", notice);
  json["delivery_id"] = delivery_id;
  json["version"] = version;
  absl::MutexLock lock(&mutex_);
  told_.insert({"received", notice});
  Print(LineOf(json));
}

void EventLog::Did(std::string_view event, const Notice& notice) {
  absl::MutexLock lock(&mutex_);
  if (told_.insert({std::string(event), notice}).second) Print(LineOf(Begin(event, notice)));
}

void EventLog::Failed(std::string_view event, const Notice& notice, std::string_view reason) {
  Json json = Begin(event, notice);
  json["reason"] = reason;
  absl::MutexLock lock(&mutex_);
  Print(LineOf(json));
}

bool EventLog::Has(std::string_view event, const Notice& notice) const {
  absl::MutexLock lock(&mutex_);
  return told_.contains({std::string(event), notice});
}

void EventLog::Print(const std::string& line) {
  const std::string whole = line + "\n";
  if (file_ >= 0) {
    // In one piece: whoever reads along sees whole lines.
    const ssize_t written = write(file_, whole.data(), whole.size());
    if (written != static_cast<ssize_t>(whole.size())) {
      std::cerr << "veillectl: the log file takes no more: " << line << "\n";
    }
  }
  std::cout << whole << std::flush;
}

}  // namespace veille::veillectl
