#include "e2e/demo_run.h"

#include <signal.h>

#include <cstdio>
#include <fstream>
#include <regex>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/ids/uuid.h"

namespace veille::e2e {
namespace {

constexpr absl::Duration kLongestRun = absl::Minutes(6);
constexpr absl::Duration kEndTime = absl::Seconds(30);

std::string Deployed(const std::string& name) { return absl::StrCat(VEILLE_DEPLOY_DIR, "/", name); }

}  // namespace

DemoRun::DemoRun(const std::vector<std::string>& options)
    : summary_(absl::StrCat("/tmp/veille-test-", ids::Uuid::Random().ToString(), ".json")) {
  // Through a shell, which joins the error output to the other.
  std::vector<std::string> argv = {
      "/bin/sh",    "-c",    "exec \"$@\" 2>&1", "sh",       Deployed("dev/private-postgres"),
      "--no-fsync", "--",    Deployed("demo"),   "--inside", "--once",
      "--summary",  summary_};
  argv.insert(argv.end(), options.begin(), options.end());
  process_ = std::make_unique<testing::Subprocess>(std::move(argv));
}

DemoRun::~DemoRun() {
  process_->Kill(SIGTERM);
  process_->Wait(kEndTime);
  std::remove(summary_.c_str());
}

void DemoRun::Take(const std::string& line) {
  absl::StrAppend(&output_, line, "\n");
  static const std::regex kProcess(R"( +([a-z-]+) +127\.0\.0\.1:\d+ +process (\d+))");
  std::smatch match;
  if (std::regex_match(line, match, kProcess)) {
    services_.emplace_back(match[1], std::stoi(match[2]));
  }
}

bool DemoRun::WaitForText(const std::string& text, absl::Duration timeout) {
  const absl::Time deadline = absl::Now() + timeout;
  while (const auto line = process_->WaitForLine("", deadline - absl::Now())) {
    Take(*line);
    if (line->find(text) != std::string::npos) return true;
  }
  return false;
}

void DemoRun::Kill(Service service) {
  for (const auto& [name, pid] : services_) {
    if (name == NameOf(service)) kill(pid, SIGKILL);
  }
}

int DemoRun::Wait() {
  while (const auto line = process_->WaitForLine("", kLongestRun)) Take(*line);
  return process_->Wait(kEndTime);
}

nlohmann::json DemoRun::Summary() const {
  std::ifstream file(summary_);
  return nlohmann::json::parse(file, nullptr, /*allow_exceptions=*/false);
}

void WriteRegister(const std::string& path, int households, int first_dwelling) {
  constexpr const char* kCommunes[][3] = {{"31000", "Toulouse", "31555"},
                                          {"33000", "Bordeaux", "33063"},
                                          {"87000", "Limoges", "87085"}};
  std::ofstream file(path);
  file << "NUM_LOGEMENT;ADRESSE;CODE_POSTAL;COMMUNE;CODE_INSEE;REF_CLIENT;NOM;PRENOM;"
          "DATE_NAISSANCE;TEL_FIXE;OPPOSITION\n";
  for (int i = 0; i < households; ++i) {
    const auto& [postal_code, commune, code] = kCommunes[i % 3];
    const int dwelling = first_dwelling + i;
    const int born = i % 10 == 9 ? 1975 : 1930 + i % 20;  // one in ten is too young
    file << absl::StreamFormat("%d;%d rue des Lilas;%s;%s;%s;L%d;Nom%d;Prénom;%02d/06/%d;",
                               dwelling, i % 90 + 1, postal_code, commune, code, dwelling, dwelling,
                               i % 28 + 1, born)
         << absl::StreamFormat("019900%04d;%s\n", i % 10'000, i % 50 == 7 ? "O" : "N");
  }
}

}  // namespace veille::e2e
