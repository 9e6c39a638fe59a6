#include "common/rpc/acknowledge_deadlines.h"

#include <string>

#include "common/rpc/fields.h"

namespace veille::rpc {
namespace {

constexpr int kMostRoutineDays = 20;

// A duration from `least` to `most`, in whole seconds, as it is stored; `usual` when it is absent
// or beyond. `bounds` says which they are.
absl::Duration ReadBounded(const std::string& field, bool present,
                           const google::protobuf::Duration& proto, absl::Duration least,
                           absl::Duration most, absl::Duration usual, const std::string& bounds,
                           Violations& violations) {
  if (!present) return usual;
  const absl::Duration given = absl::Seconds(proto.seconds()) + absl::Nanoseconds(proto.nanos());
  if (proto.nanos() < 0 || proto.nanos() > 999'999'999 || given < least || given > most) {
    violations.Add(field, bounds);
    return usual;
  }
  return absl::Ceil(given, absl::Seconds(1));
}

void SetSeconds(absl::Duration duration, google::protobuf::Duration& proto) {
  proto.set_seconds(absl::ToInt64Seconds(duration));
}

}  // namespace

std::optional<time::AcknowledgeDeadlines> ReadAcknowledgeDeadlines(
    std::string_view field, bool present, const veille::common::v1::AcknowledgeDeadlines& proto,
    Violations& violations) {
  if (!present) return std::nullopt;
  const size_t known = violations.size();
  const time::AcknowledgeDeadlines usual;
  time::AcknowledgeDeadlines read;
  read.emergency = ReadBounded(In(field, "emergency"), proto.has_emergency(), proto.emergency(),
                               absl::Minutes(1), absl::Hours(4), usual.emergency,
                               "must be 1 minute to 4 hours", violations);
  read.priority = ReadBounded(In(field, "priority"), proto.has_priority(), proto.priority(),
                              absl::Minutes(15), absl::Hours(30), usual.priority,
                              "must be 15 minutes to 30 hours of working time", violations);
  const int64_t days = ReadNumber(In(field, "routine_working_days"), proto.routine_working_days(),
                                  0, kMostRoutineDays, violations);
  if (days > 0) read.routine_working_days = static_cast<int>(days);
  if (violations.size() > known) return read;  // usual values stand for those that are no good
  if (read.emergency > read.priority) {
    violations.Add(In(field, "emergency"), "must not be longer than priority");
  }
  if (read.priority > read.routine_working_days * time::kWorkingDay) {
    violations.Add(In(field, "priority"),
                   "must not be longer than routine_working_days, of 6 hours each");
  }
  return read;
}

veille::common::v1::AcknowledgeDeadlines ToProto(const time::AcknowledgeDeadlines& deadlines) {
  veille::common::v1::AcknowledgeDeadlines proto;
  SetSeconds(deadlines.emergency, *proto.mutable_emergency());
  SetSeconds(deadlines.priority, *proto.mutable_priority());
  proto.set_routine_working_days(deadlines.routine_working_days);
  return proto;
}

}  // namespace veille::rpc
