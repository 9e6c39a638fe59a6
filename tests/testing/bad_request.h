#pragma once

// What a refusal says is wrong with a request.

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "google/rpc/error_details.pb.h"

namespace veille::testing {

// The fields that its BadRequest names, in order; none without one.
inline std::vector<std::string> FieldsOf(const absl::Status& status) {
  google::rpc::BadRequest bad;
  const auto details = status.GetPayload("type.googleapis.com/google.rpc.BadRequest");
  if (!details.has_value() || !bad.ParseFromString(std::string(*details))) return {};
  std::vector<std::string> fields;
  for (const auto& violation : bad.field_violations()) fields.push_back(violation.field());
  return fields;
}

}  // namespace veille::testing
