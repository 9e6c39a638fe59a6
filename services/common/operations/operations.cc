#include "common/operations/operations.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/config/service_config.h"
#include "common/operations/process_figures.h"
#include "common/outbox/outbox.h"
#include "common/status/macros.h"

namespace veille::operations {
namespace {

using metrics::Label;

constexpr metrics::Family kBuild{"veille_build_info", "What runs; always 1."};
constexpr metrics::Family kReady{"veille_ready", "Whether /readyz says so."};
constexpr metrics::Family kOutboxMessages{"veille_outbox_messages",
                                          "Facts that another service has not taken yet."};
constexpr metrics::Family kOutboxOldest{"veille_outbox_oldest_seconds",
                                        "How long the oldest of them waits."};

constexpr char kPrometheusText[] = "text/plain; version=0.0.4; charset=utf-8";

// Every service has an outbox.
void ReadOutbox(db::ReadTx& tx, Readings& readings) {
  const outbox::Backlog backlog = outbox::ReadBacklog(tx);
  readings.Set(kOutboxMessages, {}, static_cast<double>(backlog.waiting));
  readings.Set(kOutboxOldest, {}, absl::ToDoubleSeconds(backlog.oldest));
}

}  // namespace

Operations::Operations(Watched watched) : watched_(std::move(watched)) {}
Operations::~Operations() { Close(); }

absl::StatusOr<std::unique_ptr<Operations>> Operations::Start(const std::string& listen,
                                                              Watched watched) {
  auto made = std::unique_ptr<Operations>(new Operations(std::move(watched)));
  Operations& operations = *made;
  if (listen.empty()) return made;
  const Watched& its = operations.watched_;
  db::Database& database = its.server.database;
  operations.readiness_ = std::make_unique<Readiness>(database, its.schema, its.drain);
  operations.gathering_ = std::make_unique<Gathering>(
      database, its.figures_interval, [&figures = its.figures](db::ReadTx& tx, Readings& readings) {
        ReadOutbox(tx, readings);
        return figures.Read(tx, readings);
      });
  ASSIGN_OR_RETURN(
      operations.server_,
      AdminServer::Start(listen, {{"/metrics", [&operations] { return operations.Metrics(); }},
                                  {"/livez", [&operations] { return operations.Live(); }},
                                  {"/readyz", [&operations] { return operations.Ready(); }}}));
  return made;
}

void Operations::Close() {
  if (server_ != nullptr) server_->Stop();
  if (gathering_ != nullptr) gathering_->Stop();
  if (readiness_ != nullptr) readiness_->Stop();
}

Answer Operations::Metrics() const {
  metrics::Scrape scrape;
  scrape.Gauge(kBuild,
               {{Label::kService, log::Text{watched_.service}},
                {Label::kVersion, log::Text{config::ProgramVersion()}}},
               1);
  scrape.Gauge(kReady, {}, readiness_->Missing().empty() ? 1 : 0);
  ExposeProcess(scrape);
  watched_.server.database.Expose(scrape);
  watched_.server.in_flight.Expose(scrape);
  if (watched_.server.metrics != nullptr) watched_.server.metrics->Expose(scrape);
  if (watched_.server.limits != nullptr) watched_.server.limits->Expose(scrape);
  watched_.figures.Expose(scrape);
  gathering_->Expose(scrape);
  return {200, scrape.Text(), kPrometheusText};
}

Answer Operations::Live() const {
  const int hanging = watched_.server.database.HangingLanes();
  if (hanging == 0) return {200, "alive\n"};
  return {503, absl::StrCat("hanging lanes: ", hanging, "\n")};
}

Answer Operations::Ready() const {
  const std::vector<std::string> missing = readiness_->Missing();
  if (missing.empty()) return {200, "ready\n"};
  return {503, absl::StrCat("not ready: ", absl::StrJoin(missing, ", "), "\n")};
}

}  // namespace veille::operations
