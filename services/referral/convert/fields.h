#pragma once

// Reading fields of requests: those that every service reads, and those of referrals and partners.

#include <google/protobuf/repeated_field.h>

#include <string>
#include <string_view>
#include <vector>

#include "common/rpc/fields.h"
#include "referral/domain/words.h"

namespace veille::referral {

using errors::Violations;
using rpc::At;
using rpc::CheckCount;
using rpc::Etag;
using rpc::In;
using rpc::ReadEnum;
using rpc::ReadId;
using rpc::ReadNumber;
using rpc::ReadRequestId;
using rpc::ReadText;
using rpc::ReadTime;
using rpc::ToProto;

// A required INSEE code.
std::string ReadCommune(std::string_view field, const std::string& code, Violations& violations);
// INSEE codes, `least` to `most` of them.
std::vector<std::string> ReadCommunes(std::string_view field,
                                      const google::protobuf::RepeatedPtrField<std::string>& codes,
                                      int least, int most, Violations& violations);
// E.164, such as +33561000000.
std::string ReadPhone(std::string_view field, const std::string& phone, Violations& violations);
// A required IANA name.
std::string ReadTimeZone(std::string_view field, const std::string& name, Violations& violations);

// Different states, at most 8.
std::vector<ReferralState> ReadStates(const google::protobuf::RepeatedField<int>& states,
                                      Violations& violations);
// Different urgencies.
std::vector<Urgency> ReadUrgencies(const google::protobuf::RepeatedField<int>& urgencies,
                                   Violations& violations);
// Different needs, at least so many.
std::vector<Need> ReadNeeds(std::string_view field,
                            const google::protobuf::RepeatedField<int>& needs, int least,
                            Violations& violations);

}  // namespace veille::referral
