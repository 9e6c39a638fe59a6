#pragma once

// The contract as a test goes through it: every method that the services serve.

#include <google/protobuf/descriptor.h>

#include <vector>

#include "e2e/programme.h"
#include "testing/call_by_name.h"

namespace veille::e2e {

struct Contract {
  Service service;  // who serves it
  const google::protobuf::ServiceDescriptor* descriptor;
};
std::vector<Contract> Contracts();

using testing::Answer;
using testing::CallByName;
using testing::Fields;
using testing::FieldsOf;
using testing::ReasonOf;
using testing::RequestWith;
using testing::TextOf;

}  // namespace veille::e2e
