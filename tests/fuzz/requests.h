#pragma once

// Requests to one service in this process, whatever bytes they are made of: through the server, the
// access rule, the parser, the handler, and the database.
//
// An input is the name of a method, a line break, and the bytes of its request. In the corpus
// people read, the name has a colon behind it, and the request follows in text format. In place of
// the ids 00000000-0000-4000-8000-000000000001, …02 and so on come those of what the service really
// has.

#include <google/protobuf/descriptor.h>
#include <grpcpp/channel.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "testing/call_by_name.h"

namespace veille::fuzz {

// A name in the texts of the corpus: no error repeats it.
inline constexpr char kSomebody[] = "Secretan";

// Null when no service has it.
const google::protobuf::MethodDescriptor* MethodNamed(const std::string& name);

// The same input with its request as bytes; as it is when it is no text of a request.
std::string AsBytes(std::string_view input);

class Requests {
 public:
  struct Known {
    std::string landlord;
    std::string subject;  // of whoever calls, in any role
    std::string partner;
    std::vector<std::string> ids;
  };
  // Of the server at `address`, which serves `services` (full names).
  Requests(const std::string& address, std::vector<std::string> services, Known known);

  // Aborts when the answer is not one that any request may have. Skips what is no method of this
  // server, and WatchCampaign, which has no end.
  void Try(std::string_view input) const;

 private:
  testing::Answer Send(const google::protobuf::MethodDescriptor& method,
                       const std::string& bytes) const;

  const std::shared_ptr<grpc::Channel> channel_;
  const std::vector<std::string> services_;
  const Known known_;
};

}  // namespace veille::fuzz
