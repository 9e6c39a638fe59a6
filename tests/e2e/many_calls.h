#pragma once

// Thousands of unary calls, some at once, each by whoever it is said to come from.

#include <google/protobuf/descriptor.h>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "e2e/contracts.h"
#include "e2e/programme.h"

namespace veille::e2e {

struct CallToMake {
  Service service;
  const google::protobuf::MethodDescriptor* method;
  veillectl::Identity caller;
  std::string bytes;
};

struct TimedAnswer {
  Answer answer;
  absl::Duration took;
};

// Over one connection per service, for people and partners, who prove themselves by tokens.
class ManyCalls {
 public:
  explicit ManyCalls(Programme& programme);

  // The answers in the order of the calls; `at_once` are under way at any time. Each call has a
  // deadline, and a reason where its rule asks for one.
  std::vector<TimedAnswer> Make(const std::vector<CallToMake>& calls, int at_once);
  Answer Make(const CallToMake& call) { return Make(std::vector{call}, 1)[0].answer; }

 private:
  std::shared_ptr<const veillectl::Proof> proof_;
  std::map<Service, std::shared_ptr<grpc::Channel>> channels_;
};

}  // namespace veille::e2e
