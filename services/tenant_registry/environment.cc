#include "tenant_registry/environment.h"

#include "tenant_registry/store/change_store.h"

namespace veille::tenant_registry {
namespace {

using metrics::Label;

constexpr metrics::Family kRows{"veille_import_rows_total", "Rows of registers, by verdict."};
constexpr metrics::Family kStreams{"veille_import_streams_total",
                                   "Streams of imports that have ended."};

log::Literal NameOf(Verdict verdict) {
  switch (verdict) {
    case Verdict::kTaken:
      return "taken";
    case Verdict::kChanged:
      return "changed";
    case Verdict::kUnchanged:
      return "unchanged";
    case Verdict::kTakenWithWarning:
      return "taken_with_warning";
    case Verdict::kRefused:
      return "refused";
  }
  return "";
}

}  // namespace

void ImportMetrics::Took(const std::vector<RowVerdict>& rows) {
  for (const RowVerdict& row : rows) rows_[static_cast<size_t>(row.verdict)].Add();
}

void ImportMetrics::Expose(metrics::Scrape& scrape) const {
  for (size_t verdict = 1; verdict < rows_.size(); ++verdict) {
    scrape.Add(kRows, {{Label::kVerdict, NameOf(static_cast<Verdict>(verdict))}}, rows_[verdict]);
  }
  scrape.Add(kStreams, {{Label::kOutcome, "done"}}, done_);
  scrape.Add(kStreams, {{Label::kOutcome, "broken_off"}}, broken_off_);
}

Environment::Environment(const rpc::ServerEnvironment& server_environment,
                         const privacy::Seal& seal_of_columns, const rpc::Endpoint& calls,
                         outbox::RelayOptions relay_options)
    : server(server_environment),
      seal(seal_of_columns),
      contact_sheets(server.database),
      sender(calls, seal),
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
