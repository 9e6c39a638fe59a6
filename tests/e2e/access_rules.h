#pragma once

// proto/access-rules.md: who may call what, as people have reviewed it.

#include <google/protobuf/descriptor.h>

#include <map>
#include <string>
#include <vector>

#include "veillectl/client/proof.h"

namespace veille::e2e {

class AccessRules {
 public:
  static AccessRules Reviewed();  // throws when the file cannot be read

  // Whether the table lets this caller call the method; throws when it has no line for it.
  bool Allow(const google::protobuf::MethodDescriptor& method,
             const veillectl::Identity& caller) const;

  // The lines of the table, without its words and headings, by the method's full name.
  const std::map<std::string, std::string>& lines() const { return lines_; }

  // What the rule of a method reads like in such a table.
  static std::string LineOf(const google::protobuf::MethodDescriptor& method);

 private:
  std::map<std::string, std::string> lines_;
};

}  // namespace veille::e2e
