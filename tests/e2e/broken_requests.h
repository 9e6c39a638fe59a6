#pragma once

// Requests with one broken field each, made from a message's descriptor: whatever is added to the
// contract is broken too.

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace veille::e2e {

// Stands for what a tenant says: no error may repeat it.
inline constexpr char kMarker[] = "Marqueur";

// What is put into a field, and what must be said about it.
struct BrokenValue {
  std::string name;
  std::function<void(google::protobuf::Message&, const google::protobuf::FieldDescriptor&)> put;
  bool named = false;  // whether the answer must name the field
};

// Deep in messages that are otherwise empty; paths are as errors name them: "rows[0].name".
class BrokenRequests {
 public:
  struct Request {
    std::string path;
    BrokenValue value;
    std::string bytes;
  };

  explicit BrokenRequests(const google::protobuf::Descriptor& type);
  const std::vector<Request>& all() const { return all_; }

 private:
  using Way = std::vector<const google::protobuf::FieldDescriptor*>;
  void Walk(const google::protobuf::Descriptor& type, const Way& way);
  void Add(const Way& way, BrokenValue value);

  const google::protobuf::Message* prototype_;
  std::vector<Request> all_;
};

}  // namespace veille::e2e
