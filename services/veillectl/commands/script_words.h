#pragma once

// A script as people read it.

#include <ostream>
#include <string>

#include "veille/calls/v1/script.pb.h"

namespace veille::veillectl {

// "meals is no and days_left is 1 or less".
std::string InWords(const calls::v1::Condition& condition);

// The text in this language, else in the first that there is.
std::string TextIn(const std::string& language,
                   const google::protobuf::RepeatedPtrField<common::v1::LocalizedText>& texts);

// What the volunteer asks, what answers mean, and how agreement is asked for.
void PrintScript(const calls::v1::Script& script, const std::string& language, std::ostream& out);

}  // namespace veille::veillectl
