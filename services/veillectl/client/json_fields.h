#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "google/protobuf/descriptor.h"

namespace veille::veillectl {

// What in a JSON object the message does not know: fields, and names of enum values; each with its
// place and what there is instead: "cohort_rule.minimum_ag: is no field; there are minimum_age, …".
std::vector<std::string> UnknownNames(const nlohmann::json& value,
                                      const google::protobuf::Descriptor& message);

}  // namespace veille::veillectl
