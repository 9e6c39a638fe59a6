#include "tenant_registry/environment.h"

#include "tenant_registry/store/change_store.h"

namespace veille::tenant_registry {

Environment::Environment(const rpc::ServerEnvironment& server_environment,
                         const privacy::Seal& seal_of_columns, const std::string& calls_address,
                         outbox::RelayOptions relay_options)
    : server(server_environment),
      seal(seal_of_columns),
      contact_sheets(server.database),
      sender(calls_address, seal),
      relay(server.database,
            {{kHouseholdChangeTopic,
              [this](const outbox::Message& message, absl::Time deadline) {
                return sender.Send(message, deadline);
              }}},
            relay_options) {}

void Environment::Close() {
  relay.Stop();
  contact_sheets.Close();
}

}  // namespace veille::tenant_registry
