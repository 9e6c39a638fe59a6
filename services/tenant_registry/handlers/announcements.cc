#include "tenant_registry/handlers/announcements.h"

#include "tenant_registry/convert/household_change.h"
#include "tenant_registry/store/change_store.h"
#include "tenant_registry/store/outbox_seal.h"

namespace veille::tenant_registry::handlers {

void Announce(const RequestContext& context, db::WriteTx& tx,
              const std::vector<HouseholdChange>& changes) {
  if (changes.empty()) return;
  std::vector<ChangeMessage> messages;
  messages.reserve(changes.size());
  for (const HouseholdChange& change : changes) {
    const outbox::MessageId id = outbox::MessageId::Random();
    messages.push_back({id, change.household,
                        context.seal().Close(OutboxSeal(context.landlord(), id.uuid()),
                                             ToPayload(change, id.uuid()))});
  }
  AppendChanges(tx, context.landlord(), messages);
}

}  // namespace veille::tenant_registry::handlers
