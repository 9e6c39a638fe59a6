#pragma once

// Methods called by their names, with bytes: for tests that go through the contract, or that send
// what is no message.

#include <google/protobuf/descriptor.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/support/byte_buffer.h>

#include <map>
#include <memory>
#include <set>
#include <string>

namespace veille::testing {

struct Answer {
  grpc::Status status;
  std::string bytes;  // the response; of a stream its messages, one after the other
};
// Sends one message and reads all that is answered, whatever streams the method has; of a stream
// that has no end, its first message. The context
// brings identity and deadline.
Answer CallByName(const std::shared_ptr<grpc::Channel>& channel, grpc::ClientContext& context,
                  const google::protobuf::MethodDescriptor& method, const std::string& bytes);

// The bytes of a message, which may come in several slices.
std::string TextOf(const grpc::ByteBuffer& buffer);

// A request in which these fields of its own stand, by their names: texts, numbers and numbers of
// enum values. It has a request id of its own where it takes one; what it has no field for is left
// out.
using Fields = std::map<std::string, std::string>;
std::string RequestWith(const google::protobuf::MethodDescriptor& method, const Fields& fields);

// Of an error's details: ErrorInfo's reason (empty without), and the fields of BadRequest.
std::string ReasonOf(const grpc::Status& status);
std::set<std::string> FieldsOf(const grpc::Status& status);

}  // namespace veille::testing
