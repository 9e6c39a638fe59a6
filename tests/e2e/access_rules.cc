#include "e2e/access_rules.h"

#include <algorithm>
#include <fstream>
#include <stdexcept>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "common/access/caller.h"
#include "veille/common/v1/access.pb.h"

namespace veille::e2e {
namespace {

namespace pb = ::veille::common::v1;

// The columns between the object and the services.
constexpr pb::Role kRoles[] = {pb::ROLE_VOLUNTEER, pb::ROLE_COORDINATOR, pb::ROLE_DPO,
                               pb::ROLE_OPERATOR, pb::ROLE_PARTNER};
constexpr size_t kFirstRole = 2;
constexpr size_t kServices = kFirstRole + std::size(kRoles);

// The cells of "| a | b |".
std::vector<std::string> CellsOf(const std::string& line) {
  std::vector<std::string> cells;
  for (const auto cell : absl::StrSplit(line, '|')) {
    cells.emplace_back(absl::StripAsciiWhitespace(cell));
  }
  if (cells.size() < 2) return {};
  return {cells.begin() + 1, cells.end() - 1};
}

template <typename List>
bool Has(const List& list, int wanted) {
  return std::find(list.begin(), list.end(), wanted) != list.end();
}

}  // namespace

AccessRules AccessRules::Reviewed() {
  std::ifstream file(VEILLE_ACCESS_RULES);
  if (!file) throw std::runtime_error(absl::StrCat("no ", VEILLE_ACCESS_RULES));
  AccessRules rules;
  std::string service;
  for (std::string line; std::getline(file, line);) {
    if (absl::StartsWith(line, "## ")) service = line.substr(3);
    const std::vector<std::string> cells = CellsOf(line);
    if (cells.empty() || cells[0] == "method" || absl::StartsWith(cells[0], "--")) continue;
    if (cells.size() != kServices + 1) throw std::runtime_error("a line has other cells: " + line);
    if (!rules.lines_.emplace(absl::StrCat(service, ".", cells[0]), line).second) {
      throw std::runtime_error("a method has two lines: " + line);
    }
  }
  return rules;
}

bool AccessRules::Allow(const google::protobuf::MethodDescriptor& method,
                        const veillectl::Identity& caller) const {
  const auto line = lines_.find(method.full_name());
  if (line == lines_.end()) throw std::runtime_error("no line for " + method.full_name());
  const std::vector<std::string> cells = CellsOf(line->second);
  if (caller.role == "service") {
    const std::vector<std::string> services = absl::StrSplit(cells[kServices], ", ");
    return std::find(services.begin(), services.end(), caller.subject) != services.end();
  }
  const auto* role =
      std::find(std::begin(kRoles), std::end(kRoles), access::ParseRole(caller.role));
  const std::string& cell = cells[kFirstRole + static_cast<size_t>(role - std::begin(kRoles))];
  return cell == "yes" || cell == "why";
}

std::string AccessRules::LineOf(const google::protobuf::MethodDescriptor& method) {
  const pb::Access& rule = method.options().GetExtension(pb::access);
  const std::string relation = pb::Relation_Name(rule.relation()).substr(sizeof "RELATION");
  std::vector<std::string> cells = {
      method.name(), absl::AsciiStrToLower(absl::StrReplaceAll(relation, {{"_", " "}}))};
  for (const pb::Role role : kRoles) {
    cells.emplace_back(Has(rule.reason_from(), role) ? "why"
                       : Has(rule.roles(), role)     ? "yes"
                                                     : "-");
  }
  const bool serves = Has(rule.roles(), pb::ROLE_SERVICE) && !rule.services().empty();
  cells.push_back(serves ? absl::StrJoin(rule.services(), ", ") : "-");
  return absl::StrCat("| ", absl::StrJoin(cells, " | "), " |");
}

}  // namespace veille::e2e
