#include "veillectl/inbox/event_log.h"

#include <iostream>
#include <nlohmann/json.hpp>

namespace veille::veillectl {
namespace {

using Json = nlohmann::ordered_json;

Json Begin(std::string_view event, const Notice& notice) {
  return Json{{"event", event},
              {"referral_id", notice.referral_id},
              {"assignment_fence", notice.assignment_fence}};
}

// Ids come from outside: what is not UTF-8 is replaced, never thrown over.
std::string LineOf(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

void EventLog::Received(const Notice& notice, const std::string& delivery_id, int64_t version) {
  Json json = Begin("received", notice);
  json["delivery_id"] = delivery_id;
  json["version"] = version;
  Print(LineOf(json));
}

void EventLog::Did(std::string_view event, const Notice& notice) {
  Print(LineOf(Begin(event, notice)));
}

void EventLog::Failed(std::string_view event, const Notice& notice, std::string_view reason) {
  Json json = Begin(event, notice);
  json["reason"] = reason;
  Print(LineOf(json));
}

void EventLog::Print(const std::string& line) {
  absl::MutexLock lock(&mutex_);
  std::cout << line << std::endl;  // whoever reads along sees it now
}

}  // namespace veille::veillectl
