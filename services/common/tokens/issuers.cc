#include "common/tokens/issuers.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/macros.h"
#include "common/tokens/fetch.h"
#include "common/tokens/strict_json.h"

namespace veille::tokens {
namespace {

using nlohmann::json;

constexpr size_t kMostIssuers = 32;
constexpr size_t kLongestText = 500;
constexpr int64_t kMostSkew = 60;
constexpr int64_t kLeastLifetime = 60;
constexpr int64_t kMostLifetime = 7 * 24 * 3600;

absl::Status Wrong(std::string_view where, std::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat(std::string(where), " ", std::string(what)));
}

// The members of one object, each with its place in messages: "issuers[0].claims.roles".
class Members {
 public:
  Members(const json& object, std::string where) : object_(object), where_(std::move(where)) {}

  absl::Status AllowOnly(const std::vector<std::string>& known) const {
    if (!object_.is_object()) return Wrong(where_, "is no object");
    for (const auto& [name, value] : object_.items()) {
      if (std::find(known.begin(), known.end(), name) != known.end()) continue;
      return Wrong(where_, absl::StrCat("has the unknown member \"", name,
                                        "\" (known: ", absl::StrJoin(known, ", "), ")"));
    }
    return absl::OkStatus();
  }

  // Nullptr when there is none.
  const json* Find(const char* name) const {
    const auto found = object_.find(name);
    return found == object_.end() ? nullptr : &*found;
  }
  std::string Place(const char* name) const { return absl::StrCat(where_, ".", name); }

  absl::Status Read(const char* name, std::string& text) const {
    const json* value = Find(name);
    if (value == nullptr) return absl::OkStatus();
    if (!value->is_string()) return Wrong(Place(name), "is no string");
    text = value->get<std::string>();
    if (text.empty() || text.size() > kLongestText) {
      return Wrong(Place(name), "is empty or longer than 500 bytes");
    }
    return absl::OkStatus();
  }

  absl::Status Require(const char* name, std::string& text) const {
    if (Find(name) == nullptr) return Wrong(Place(name), "is missing");
    return Read(name, text);
  }

  absl::Status Read(const char* name, int64_t least, int64_t most, absl::Duration& seconds) const {
    const json* value = Find(name);
    if (value == nullptr) return absl::OkStatus();
    const bool fits = value->is_number_integer() && *value >= least && *value <= most;
    if (!fits) {
      return Wrong(Place(name), absl::StrCat("is no whole number from ", least, " to ", most));
    }
    seconds = absl::Seconds(value->get<int64_t>());
    return absl::OkStatus();
  }

  absl::Status Read(const char* name, bool& flag) const {
    const json* value = Find(name);
    if (value == nullptr) return absl::OkStatus();
    if (!value->is_boolean()) return Wrong(Place(name), "is neither true nor false");
    flag = value->get<bool>();
    return absl::OkStatus();
  }

 private:
  const json& object_;
  const std::string where_;
};

absl::Status ReadClaimNames(const Members& issuer, ClaimNames& names) {
  const json* value = issuer.Find("claims");
  if (value == nullptr) return absl::OkStatus();
  const Members claims(*value, issuer.Place("claims"));
  RETURN_IF_ERROR(claims.AllowOnly({"person", "roles", "landlord", "partner"}));
  RETURN_IF_ERROR(claims.Read("person", names.person));
  RETURN_IF_ERROR(claims.Read("roles", names.roles));
  RETURN_IF_ERROR(claims.Read("landlord", names.landlord));
  return claims.Read("partner", names.partner);
}

absl::Status ReadRoles(const Members& issuer, std::map<std::string, access::Role>& roles) {
  const json* value = issuer.Find("roles");
  if (value == nullptr) return absl::OkStatus();
  if (!value->is_object() || value->empty()) {
    return Wrong(issuer.Place("roles"), "is no object with a role or more");
  }
  const auto ours = Issuer::OwnRoles();
  roles.clear();
  for (const auto& [theirs, name] : value->items()) {
    const auto role = name.is_string() ? ours.find(name.get<std::string>()) : ours.end();
    if (role == ours.end()) {
      return Wrong(absl::StrCat(issuer.Place("roles"), ".", theirs),
                   "is none of coordinator, dpo, operator, partner, volunteer");
    }
    roles[theirs] = role->second;
  }
  return absl::OkStatus();
}

absl::Status ReadLandlords(const Members& issuer, std::vector<ids::LandlordId>& landlords) {
  const json* value = issuer.Find("landlords");
  if (value == nullptr) return absl::OkStatus();
  if (!value->is_array() || value->empty()) {
    return Wrong(issuer.Place("landlords"), "is no array with a landlord or more");
  }
  for (const json& item : *value) {
    const auto id =
        item.is_string() ? ids::LandlordId::Parse(item.get<std::string>()) : std::nullopt;
    if (!id.has_value() || id->is_nil()) {
      return Wrong(issuer.Place("landlords"), "holds something that is no UUID");
    }
    landlords.push_back(*id);
  }
  return absl::OkStatus();
}

std::string PathIn(const std::string& folder, const std::string& path) {
  return (std::filesystem::path(folder) / path).lexically_normal().string();
}

absl::Status ReadKeys(const Members& issuer, const std::string& folder, std::string& keys) {
  RETURN_IF_ERROR(issuer.Require("keys", keys));
  if (IsUrl(keys)) {
    if (keys.starts_with("https://") || keys.starts_with("http://")) return absl::OkStatus();
    return Wrong(issuer.Place("keys"), "is neither an https address nor the path of a file");
  }
  keys = PathIn(folder, keys);
  return absl::OkStatus();
}

absl::Status ReadAuthorities(const Members& issuer, const std::string& folder, std::string& path) {
  RETURN_IF_ERROR(issuer.Read("authorities", path));
  if (!path.empty()) path = PathIn(folder, path);
  return absl::OkStatus();
}

absl::Status ReadType(const Members& issuer, bool& takes_unmarked) {
  std::string type = "at+jwt";
  RETURN_IF_ERROR(issuer.Read("type", type));
  if (type != "at+jwt" && type != "JWT") {
    return Wrong(issuer.Place("type"), "is neither \"at+jwt\" nor \"JWT\"");
  }
  takes_unmarked = type == "JWT";
  return absl::OkStatus();
}

absl::StatusOr<Issuer> ReadIssuer(const json& value, const std::string& where,
                                  const std::string& folder) {
  const Members members(value, where);
  RETURN_IF_ERROR(members.AllowOnly({"issuer", "audience", "keys", "authorities", "claims", "roles",
                                     "landlords", "clock_skew", "lifetime", "type", "high_s"}));
  Issuer issuer;
  RETURN_IF_ERROR(members.Require("issuer", issuer.name));
  RETURN_IF_ERROR(members.Require("audience", issuer.audience));
  RETURN_IF_ERROR(ReadKeys(members, folder, issuer.keys));
  RETURN_IF_ERROR(ReadAuthorities(members, folder, issuer.authorities));
  RETURN_IF_ERROR(ReadClaimNames(members, issuer.claims));
  RETURN_IF_ERROR(ReadRoles(members, issuer.roles));
  RETURN_IF_ERROR(ReadLandlords(members, issuer.landlords));
  RETURN_IF_ERROR(members.Read("clock_skew", 0, kMostSkew, issuer.clock_skew));
  RETURN_IF_ERROR(members.Read("lifetime", kLeastLifetime, kMostLifetime, issuer.longest_lifetime));
  RETURN_IF_ERROR(ReadType(members, issuer.takes_unmarked_type));
  RETURN_IF_ERROR(members.Read("high_s", issuer.takes_high_s));
  return issuer;
}

absl::StatusOr<json> ReadList(std::string_view text) {
  JsonProblem problem;
  auto parsed = ParseStrictJson(text, &problem);
  if (!parsed.has_value()) {
    switch (problem.kind) {
      case JsonProblem::kDuplicateMember:
        return absl::InvalidArgumentError("the list of issuers names a member twice");
      case JsonProblem::kTooDeep:
        return absl::InvalidArgumentError("the list of issuers is nested too deeply");
      default:
        return absl::InvalidArgumentError(
            absl::StrCat("the list of issuers is no JSON, from byte ", problem.byte, " on"));
    }
  }
  if (parsed->is_array()) return *std::move(parsed);
  const Members members(*parsed, "the list of issuers");
  RETURN_IF_ERROR(members.AllowOnly({"issuers"}));
  const json* list = members.Find("issuers");
  if (list == nullptr || !list->is_array()) {
    return absl::InvalidArgumentError("the list of issuers is no array, nor {\"issuers\": [...]}");
  }
  return *list;
}

}  // namespace

std::map<std::string, access::Role> Issuer::OwnRoles() {
  std::map<std::string, access::Role> roles;
  for (const auto role :
       {common::v1::ROLE_VOLUNTEER, common::v1::ROLE_COORDINATOR, common::v1::ROLE_DPO,
        common::v1::ROLE_OPERATOR, common::v1::ROLE_PARTNER}) {
    roles[std::string(access::NameOf(role))] = role;
  }
  return roles;
}

absl::StatusOr<std::vector<Issuer>> ParseIssuers(std::string_view text, const std::string& folder) {
  ASSIGN_OR_RETURN(const json list, ReadList(text));
  if (list.empty() || list.size() > kMostIssuers) {
    return absl::InvalidArgumentError("the list of issuers holds none, or more than 32");
  }
  std::vector<Issuer> issuers;
  std::set<std::string> names;
  for (size_t i = 0; i < list.size(); ++i) {
    const std::string where = absl::StrCat("issuers[", i, "]");
    ASSIGN_OR_RETURN(Issuer issuer, ReadIssuer(list[i], where, folder));
    if (!names.insert(issuer.name).second) return Wrong(where + ".issuer", "stands there twice");
    issuers.push_back(std::move(issuer));
  }
  return issuers;
}

absl::StatusOr<std::vector<Issuer>> ReadIssuers(const std::string& path) {
  ASSIGN_OR_RETURN(const std::string text, ReadKeyFile(path));
  std::error_code failed;
  const auto absolute = std::filesystem::absolute(path, failed);
  auto issuers = ParseIssuers(text, absolute.parent_path().string());
  if (issuers.ok()) return issuers;
  return absl::InvalidArgumentError(absl::StrCat(path, ": ", issuers.status().message()));
}

}  // namespace veille::tokens
