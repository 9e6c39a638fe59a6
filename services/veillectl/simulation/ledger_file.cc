// The ledger as lines of JSON.

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "veillectl/client/failure.h"
#include "veillectl/client/names.h"
#include "veillectl/simulation/ledger.h"

namespace veille::veillectl {
namespace {

using Json = nlohmann::ordered_json;

constexpr char kTitle[] = "ledger of a simulation";

Json ToJson(const calls::v1::Answer& answer) {
  switch (answer.value_case()) {
    case calls::v1::Answer::kBoolean:
      return answer.boolean();
    case calls::v1::Answer::kNumber:
      return answer.number();
    default:
      return answer.choice_id();
  }
}

Json ToJson(const Speech& speech) {
  Json json = {{"tenant", speech.tenant}, {"answers", Json::object()}};
  for (const calls::v1::Answer& answer : speech.answers) {
    json["answers"][answer.question_id()] = ToJson(answer);
  }
  for (const calls::v1::RaisedFinding& raised : speech.raised) {
    json["raised"].push_back(
        {{"need", NameOf(raised.need())}, {"urgency", NameOf(raised.urgency())}});
  }
  for (const calls::v1::Agreement& agreement : speech.agreements) {
    Json entry = {{"to", NameOf(agreement.kind())}};
    if (agreement.need() != common::v1::NEED_UNSPECIFIED) entry["need"] = NameOf(agreement.need());
    entry["agreed"] = agreement.agreed();
    json["agreements"].push_back(std::move(entry));
  }
  return json;
}

Json ToJson(const ForeseenFinding& finding) {
  return {{"tenant", finding.tenant},
          {"kind", NameOf(finding.outcome.kind)},
          {"need", NameOf(finding.outcome.need)},
          {"urgency", NameOf(finding.outcome.urgency)},
          {"agreed", finding.agreed}};
}

Json ToJson(const ForeseenHousehold& household) {
  Json json = {{"household", household.key}, {"attempts", Json::array()}};
  for (const ForeseenAttempt& attempt : household.attempts) {
    Json entry = {{"disposition", NameOf(attempt.disposition)}};
    for (const Speech& speech : attempt.speeches) entry["says"].push_back(ToJson(speech));
    json["attempts"].push_back(std::move(entry));
  }
  json["reached"] = household.reached;
  json["completed"] = household.completed;
  json["refused"] = household.refused;
  json["findings"] = Json::array();
  for (const ForeseenFinding& finding : household.findings) {
    json["findings"].push_back(ToJson(finding));
  }
  return json;
}

ForeseenHousehold FromJson(const Json& json) {
  ForeseenHousehold household;
  household.key = json.at("household").get<std::string>();
  for (const Json& attempt : json.at("attempts")) {
    household.attempts.push_back(
        {ValueOf<calls::v1::Disposition>(attempt.at("disposition").get<std::string>()), {}});
  }
  household.reached = json.at("reached").get<bool>();
  household.completed = json.at("completed").get<bool>();
  household.refused = json.at("refused").get<bool>();
  for (const Json& finding : json.at("findings")) {
    household.findings.push_back(
        {.tenant = finding.at("tenant").get<int>(),
         .outcome = {ValueOf<calls::v1::FindingKind>(finding.at("kind").get<std::string>()),
                     ValueOf<common::v1::Need>(finding.at("need").get<std::string>()),
                     ValueOf<common::v1::Urgency>(finding.at("urgency").get<std::string>())},
         .agreed = finding.at("agreed").get<bool>()});
  }
  return household;
}

}  // namespace

std::string WriteLedger(const Ledger& ledger) {
  const Json head = {{"title", kTitle},
                     {"version", 1},
                     {"seed", ledger.seed},
                     {"answer_rate", ledger.answer_rate},
                     {"households", ledger.households.size()}};
  std::string text = head.dump() + "\n";
  for (const ForeseenHousehold& household : ledger.households) {
    absl::StrAppend(&text, ToJson(household).dump(), "\n");
  }
  return text;
}

absl::Status StoreLedger(const Ledger& ledger, const std::string& path) {
  const std::string text = WriteLedger(ledger);
  if (std::ifstream file(path, std::ios::binary); file) {
    const std::string there{std::istreambuf_iterator<char>(file), {}};
    if (there == text) return absl::OkStatus();
    return UsageError(absl::StrCat(
        path, " is the ledger of another simulation: remove it, or name another file"));
  }
  const std::string part = path + ".part";  // never half a ledger under its own name
  const int file = open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return UsageError(absl::StrCat(path, " cannot be written"));
  size_t done = 0;
  while (done < text.size()) {
    const ssize_t wrote = write(file, text.data() + done, text.size() - done);
    if (wrote < 0) break;
    done += static_cast<size_t>(wrote);
  }
  const bool closed = close(file) == 0;
  if (done == text.size() && closed && std::rename(part.c_str(), path.c_str()) == 0) {
    return absl::OkStatus();
  }
  std::remove(part.c_str());
  return UsageError(absl::StrCat(path, " cannot be written"));
}

absl::StatusOr<Ledger> ReadLedger(const std::string& text) {
  Ledger ledger;
  size_t expected = 0;
  int number = 0;
  try {
    for (const auto line : absl::StrSplit(text, '\n', absl::SkipEmpty())) {
      const Json json = Json::parse(line.begin(), line.end());
      if (++number > 1) {
        ledger.households.push_back(FromJson(json));
        continue;
      }
      if (json.at("title") != kTitle || json.at("version") != 1) {
        return UsageError("this is no ledger of a simulation");
      }
      ledger.seed = json.at("seed").get<uint64_t>();
      ledger.answer_rate = json.at("answer_rate").get<double>();
      expected = json.at("households").get<size_t>();
    }
  } catch (const Json::exception&) {
    return UsageError(absl::StrCat("line ", std::max(number, 1), " of the ledger cannot be read"));
  }
  if (number == 0 || ledger.households.size() != expected) {
    return UsageError("the ledger is cut short");
  }
  return ledger;
}

}  // namespace veille::veillectl
