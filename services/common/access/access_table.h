#pragma once

// The access rules of the methods a server serves, read from the contract once, at start.
//
// Each RPC has its own request message (Buf STANDARD sees to it), so the request's descriptor names
// the method.

#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "common/access/caller.h"
#include "google/protobuf/descriptor.h"

namespace veille::access {

class AccessTable {
 public:
  // `services` are full names ("veille.calls.v1.CallService"), linked into the binary.
  // FAILED_PRECONDITION, naming the method, when one has no rule, a rule without roles or relation,
  // names services without the role, or wants a reason from a role that may not call or a service;
  // the server then does not start.
  static absl::StatusOr<AccessTable> Build(const std::vector<std::string>& services);

  // The method that takes this request; null when no registered method does.
  const google::protobuf::MethodDescriptor* MethodOf(
      const google::protobuf::Descriptor* request) const;

  // OK, or PERMISSION_DENIED (ACCESS_DENIED) when the caller's role may not call this method. The
  // relation to the object is checked by the statement that reads or changes it.
  absl::Status Authorise(const Caller& caller, const google::protobuf::Descriptor* request) const;

  // Whether this role must say why it calls this method: the look is outside its own work.
  bool NeedsReason(Role role, const google::protobuf::Descriptor* request) const;

 private:
  struct Entry {
    const google::protobuf::MethodDescriptor* method;
    ::veille::common::v1::Access rule;
  };
  absl::flat_hash_map<const google::protobuf::Descriptor*, Entry> by_request_;
};

}  // namespace veille::access
