#pragma once

// What of a message is about a person, as the contract's privacy classes say it.

#include <google/protobuf/message.h>

#include <vector>

#include "referral/domain/disclosure.h"

namespace veille::referral {

// The fields of the message, and of the messages in it, that are of a class above PSEUDONYM, in the
// order of the contract; those that are absent, and those that are zero, tell nothing. A field
// without a class of its own has that of its message, or of the field that its message is in.
std::vector<DisclosedItem> PersonalItemsOf(const google::protobuf::Message& message);

}  // namespace veille::referral
