#include "common/access/access_table.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/status/errors.h"

namespace veille::access {
namespace {

namespace pb = ::veille::common::v1;

bool Contains(const google::protobuf::RepeatedField<int>& roles, int role) {
  return std::find(roles.begin(), roles.end(), role) != roles.end();
}

absl::Status CheckRule(const google::protobuf::MethodDescriptor& method) {
  const auto wrong = [&](std::string_view what) {
    return absl::FailedPreconditionError(absl::StrCat(method.full_name(), " ", std::string(what),
                                                      "; see veille/common/v1/access.proto"));
  };
  if (!method.options().HasExtension(pb::access)) return wrong("has no access rule");
  const pb::Access& rule = method.options().GetExtension(pb::access);
  if (rule.roles().empty()) return wrong("names no role");
  for (const int role : rule.roles()) {
    if (role == pb::ROLE_UNSPECIFIED) return wrong("names the role UNSPECIFIED");
  }
  if (rule.relation() == pb::RELATION_UNSPECIFIED) return wrong("names no relation");
  const bool has_service_role = Contains(rule.roles(), pb::ROLE_SERVICE);
  if (has_service_role == rule.services().empty()) {
    return wrong("must name services if, and only if, the role SERVICE may call it");
  }
  for (const int role : rule.reason_from()) {
    if (role == pb::ROLE_SERVICE || !Contains(rule.roles(), role)) {
      return wrong("wants a reason from a role that may not call it, or from a service");
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<AccessTable> AccessTable::Build(const std::vector<std::string>& services) {
  AccessTable table;
  const auto* pool = google::protobuf::DescriptorPool::generated_pool();
  for (const std::string& name : services) {
    const auto* service = pool->FindServiceByName(name);
    if (service == nullptr) {
      return absl::FailedPreconditionError(absl::StrCat(name, " is not in the contract"));
    }
    for (int i = 0; i < service->method_count(); ++i) {
      const auto* method = service->method(i);
      absl::Status rule = CheckRule(*method);
      if (!rule.ok()) return rule;
      table.by_request_[method->input_type()] = {method,
                                                 method->options().GetExtension(pb::access)};
    }
  }
  return table;
}

const google::protobuf::MethodDescriptor* AccessTable::MethodOf(
    const google::protobuf::Descriptor* request) const {
  const auto found = by_request_.find(request);
  return found == by_request_.end() ? nullptr : found->second.method;
}

absl::Status AccessTable::Authorise(const Caller& caller,
                                    const google::protobuf::Descriptor* request) const {
  const absl::Status denied =
      errors::Make(absl::StatusCode::kPermissionDenied, pb::ERROR_REASON_ACCESS_DENIED,
                   "this role may not call this method");
  const auto found = by_request_.find(request);
  if (found == by_request_.end()) return denied;
  const pb::Access& rule = found->second.rule;
  if (!Contains(rule.roles(), caller.role)) return denied;
  if (caller.role == pb::ROLE_SERVICE && std::find(rule.services().begin(), rule.services().end(),
                                                   caller.subject) == rule.services().end()) {
    return denied;
  }
  return absl::OkStatus();
}

bool AccessTable::NeedsReason(Role role, const google::protobuf::Descriptor* request) const {
  const auto found = by_request_.find(request);
  return found != by_request_.end() && Contains(found->second.rule.reason_from(), role);
}

}  // namespace veille::access
