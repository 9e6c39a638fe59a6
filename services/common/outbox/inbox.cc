#include "common/outbox/inbox.h"

namespace veille::outbox {
namespace {

constexpr db::Query kTakeIn{"inbox.take_in", R"sql(
  INSERT INTO inbox (landlord_id, topic, message_key) VALUES ($1::uuid, $2, $3::uuid)
  ON CONFLICT (landlord_id, topic, message_key) DO NOTHING
)sql"};

}  // namespace

bool TakeIn(db::WriteTx& tx, ids::LandlordId landlord, std::string_view topic, ids::Uuid key) {
  return tx.Run(kTakeIn, landlord, topic, key).affected() == 1;
}

}  // namespace veille::outbox
