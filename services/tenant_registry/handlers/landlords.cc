#include "tenant_registry/handlers/landlords.h"

#include <openssl/rand.h>

#include <cstdlib>

#include "common/db/request_ledger.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "tenant_registry/convert/landlord.h"
#include "tenant_registry/errors.h"
#include "tenant_registry/store/landlord_store.h"

namespace veille::tenant_registry::handlers {
namespace {

constexpr size_t kKeySize = 32;

std::string RandomKey() {
  std::string key(kKeySize, '\0');
  // Without randomness the hashes of phones could be guessed: there is no way on.
  if (RAND_bytes(reinterpret_cast<unsigned char*>(key.data()), kKeySize) != 1) std::abort();
  return key;
}

}  // namespace

async::Task<absl::StatusOr<pb::CreateLandlordResponse>> CreateLandlord(
    RequestContext& context, const pb::CreateLandlordRequest& request) {
  CO_ASSIGN_OR_RETURN(const LandlordDraft draft, FromProto(request));
  const LandlordId id = LandlordId::Random();
  const std::string key = RandomKey();
  auto stored = co_await context.db().Write([&](db::WriteTx& tx) -> absl::StatusOr<Landlord> {
    // An operator belongs to no landlord: its request ids stand under the nil one.
    ASSIGN_OR_RETURN(const auto taken,
                     db::TakeRequest(tx, LandlordId(), draft.request, context.method(), id.uuid()));
    tx.ActFor({LandlordId(taken.object_id)});
    LandlordStore landlords(tx);
    if (!taken.repeated) {
      if (!landlords.Insert(id, draft.name, key)) return errors::DuplicateName();
      privacy::AuditEvent event = context.Audit("landlord", id.uuid(), "running the installation");
      event.landlord = id;
      privacy::AppendAuditEvent(tx, event);
    }
    std::optional<Landlord> landlord = landlords.Find(LandlordId(taken.object_id));
    if (!landlord.has_value()) return ::veille::errors::Internal();
    return *std::move(landlord);
  });
  CO_ASSIGN_OR_RETURN(const Landlord landlord, std::move(stored));
  pb::CreateLandlordResponse response;
  *response.mutable_landlord() = ToProto(landlord);
  co_return response;
}

}  // namespace veille::tenant_registry::handlers
