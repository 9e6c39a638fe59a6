#include "common/outbox/outbox.h"

namespace veille::outbox {
namespace {

constexpr db::Query kAppendMessage{"outbox.append", R"sql(
  INSERT INTO outbox (landlord_id, message_id, topic, subject_id, payload, due_time)
  VALUES ($1::uuid, $2::uuid, $3, $4::uuid, $5::bytea, veille_now())
)sql"};

constexpr db::Query kClaimMessages{"outbox.claim", R"sql(
  SELECT landlord_id, message_id, topic, subject_id, payload, tries - 1 AS tries, fence
  FROM claim_messages($1, $2, $3)
)sql"};

constexpr db::Query kFinishMessages{"outbox.finish", R"sql(
  SELECT finish_messages($1::uuid[], $2::uuid[], $3::bigint[]) AS finished
)sql"};

constexpr db::Query kPutBackMessages{"outbox.put_back", R"sql(
  SELECT put_back_messages($1::uuid[], $2::uuid[], $3::bigint[], $4::bigint[])
)sql"};

constexpr db::Query kReadBacklog{"outbox.backlog", R"sql(
  SELECT waiting, oldest_seconds FROM count_messages()
)sql"};

struct Keys {
  std::vector<ids::LandlordId> landlords;
  std::vector<MessageId> ids;
  std::vector<int64_t> fences;
};

Keys KeysOf(const std::vector<Message>& messages) {
  Keys keys;
  for (const Message& message : messages) {
    keys.landlords.push_back(message.landlord);
    keys.ids.push_back(message.id);
    keys.fences.push_back(message.fence);
  }
  return keys;
}

Message FromRow(const db::Row& row) {
  return Message{.landlord = row.Get<ids::LandlordId>("landlord_id"),
                 .id = row.Get<MessageId>("message_id"),
                 .topic = row.Get<std::string>("topic"),
                 .subject = row.Get<ids::Uuid>("subject_id"),
                 .payload = row.Get<db::Bytes>("payload"),
                 .tries = row.Get<int>("tries"),
                 .fence = row.Get<int64_t>("fence")};
}

}  // namespace

const db::Query& AppendMessageQuery() { return kAppendMessage; }
const db::Query& ClaimMessagesQuery() { return kClaimMessages; }
const db::Query& FinishMessagesQuery() { return kFinishMessages; }

void Append(db::WriteTx& tx, const Message& message) {
  tx.Queue(kAppendMessage, message.landlord, message.id, message.topic, message.subject,
           message.payload);
}

std::vector<Message> Claim(db::WriteTx& tx, int limit, absl::Duration hold,
                           std::optional<absl::Duration> within) {
  std::optional<int64_t> within_milliseconds;
  if (within.has_value()) within_milliseconds = absl::ToInt64Milliseconds(*within);
  std::vector<Message> messages;
  for (const db::Row row :
       tx.Run(kClaimMessages, limit, absl::ToInt64Milliseconds(hold), within_milliseconds)) {
    messages.push_back(FromRow(row));
  }
  return messages;
}

int Finish(db::WriteTx& tx, const std::vector<Message>& messages) {
  const Keys keys = KeysOf(messages);
  const db::Rows rows = tx.Run(kFinishMessages, keys.landlords, keys.ids, keys.fences);
  return rows[0].Get<int>("finished");
}

void PutBack(db::WriteTx& tx, const std::vector<Message>& messages,
             const std::vector<absl::Duration>& delays) {
  const Keys keys = KeysOf(messages);
  std::vector<int64_t> milliseconds;
  for (const absl::Duration delay : delays) {
    milliseconds.push_back(absl::ToInt64Milliseconds(delay));
  }
  tx.Queue(kPutBackMessages, keys.landlords, keys.ids, keys.fences, milliseconds);
}

Backlog ReadBacklog(db::ReadTx& tx) {
  const db::Rows rows = tx.Run(kReadBacklog);
  return Backlog{rows[0].Get<int64_t>("waiting"),
                 absl::Seconds(rows[0].Get<int64_t>("oldest_seconds"))};
}

}  // namespace veille::outbox
