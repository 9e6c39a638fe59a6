#pragma once

// The contract as a test goes through it: every method that the services serve, called by its name
// with bytes.

#include <google/protobuf/descriptor.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "e2e/programme.h"

namespace veille::e2e {

struct Contract {
  Service service;  // who serves it
  const google::protobuf::ServiceDescriptor* descriptor;
};
std::vector<Contract> Contracts();

struct Answer {
  grpc::Status status;
  std::string bytes;  // the response; of a stream its messages, one after the other
};
// Sends one message and reads all that is answered, whatever streams the method has. The context
// brings identity and deadline.
Answer CallByName(const std::shared_ptr<grpc::Channel>& channel, grpc::ClientContext& context,
                  const google::protobuf::MethodDescriptor& method, const std::string& bytes);

// Of an error's details: ErrorInfo's reason (empty without), and the fields of BadRequest.
std::string ReasonOf(const grpc::Status& status);
std::set<std::string> FieldsOf(const grpc::Status& status);

}  // namespace veille::e2e
