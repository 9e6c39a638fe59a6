#pragma once

// Facts on their way to another service. A store appends one in the transaction of the fact; a
// relay delivers it at least once; the receiver takes it exactly once, by its own unique key.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "common/db/transaction.h"
#include "common/ids/uuid.h"

namespace veille::outbox {

using MessageId = ids::Id<struct MessageTag>;

struct Message {
  ids::LandlordId landlord;
  MessageId id;
  std::string topic;  // "create-referral"
  ids::Uuid subject;  // whom or what it is about
  db::Bytes payload;  // sealed by the writer, opened by the sender of the topic
  int tries = 0;      // before this one
  int64_t fence = 0;  // of the claim
};

// Append one message, due at once. Hot operations append their own in their set-based statement.
void Append(db::WriteTx& tx, const Message& message);

// Claims up to `limit` due messages for `hold`: nobody else sees them until then. By the database's
// clock. Each claim has a new fence. With `within`, only of those that became due so long ago or
// less.
std::vector<Message> Claim(db::WriteTx& tx, int limit, absl::Duration hold,
                           std::optional<absl::Duration> within = std::nullopt);

// Ends messages that the receiver has taken; stale claims (another fence) are left alone. Gives how
// many were ended.
int Finish(db::WriteTx& tx, const std::vector<Message>& messages);

// Puts messages back, each due after its delay.
void PutBack(db::WriteTx& tx, const std::vector<Message>& messages,
             const std::vector<absl::Duration>& delays);

// What the operator watches: how many wait, and how long the oldest has.
struct Backlog {
  int64_t waiting = 0;
  absl::Duration oldest;
};
Backlog ReadBacklog(db::ReadTx& tx);

// The statements themselves, for what measures them.
const db::Query& AppendMessageQuery();
const db::Query& ClaimMessagesQuery();
const db::Query& FinishMessagesQuery();

}  // namespace veille::outbox
