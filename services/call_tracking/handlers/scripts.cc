#include "call_tracking/handlers/scripts.h"

#include "call_tracking/convert/script.h"
#include "call_tracking/convert/script_test_case.h"
#include "call_tracking/errors.h"
#include "call_tracking/store/script_store.h"
#include "common/db/request_ledger.h"
#include "common/privacy/audit_trail.h"
#include "common/rpc/fields.h"
#include "common/status/macros.h"

namespace veille::call_tracking::handlers {
namespace {

// Stores the script as the next version of its id.
absl::StatusOr<StoredScript> Publish(const RequestContext& context, db::WriteTx& tx,
                                     const ScriptPublication& publication, ScriptId id) {
  const bool is_new = publication.script.id.is_nil();
  ASSIGN_OR_RETURN(const auto taken,
                   db::TakeRequest(tx, context.landlord(), publication.request, context.method(),
                                   id.uuid(), /*same_object=*/!is_new));
  ScriptStore scripts(tx);
  if (taken.repeated) {
    auto published = scripts.FindByRequest(context.landlord(), publication.request);
    if (!published.has_value()) return errors::Internal("a taken request names no script");
    return *std::move(published);
  }
  StoredScript stored{.id = id,
                      .version = 1,
                      .title = publication.script.title,
                      .body = ToBody(publication.script),
                      .publish_time = context.now()};
  if (!is_new) {
    if (!ScriptStore::Lock(tx, context.landlord(), id)) return errors::ScriptNotFound();
    stored.version = scripts.Find(context.landlord(), id, 0)->version + 1;
  }
  ScriptStore::Insert(tx, context.landlord(), publication.request, stored);
  privacy::AppendAuditEvent(tx, context.Audit("script", id.uuid(), "running the campaign"));
  return stored;
}

absl::StatusOr<Script> Read(const StoredScript& stored) {
  ASSIGN_OR_RETURN(Script script, FromBody(stored.body));
  script.id = stored.id;
  script.version = stored.version;
  script.publish_time = stored.publish_time;
  return script;
}

async::Task<absl::StatusOr<Script>> Find(RequestContext& context, ScriptLookup lookup) {
  auto found = co_await context.db().Read([&](db::ReadTx& tx) -> absl::StatusOr<StoredScript> {
    auto stored = ScriptStore(tx).Find(context.landlord(), lookup.id, lookup.version);
    if (!stored.has_value()) return errors::ScriptNotFound();
    return *std::move(stored);
  });
  CO_ASSIGN_OR_RETURN(const StoredScript stored, std::move(found));
  co_await context.executor().Hop();
  co_return Read(stored);
}

absl::Status Check(const Script& script) {
  const std::vector<ScriptFault> faults = CheckScript(script);
  return faults.empty() ? absl::OkStatus() : errors::ScriptInvalid(ToViolations(faults));
}

}  // namespace

async::Task<absl::StatusOr<pb::PublishScriptResponse>> PublishScript(
    RequestContext& context, const pb::PublishScriptRequest& request) {
  co_await context.executor().Hop();
  CO_ASSIGN_OR_RETURN(const ScriptPublication publication, FromProto(request));
  CO_RETURN_IF_ERROR(Check(publication.script));
  const ScriptId id = publication.script.id.is_nil() ? ScriptId::Random() : publication.script.id;
  auto published = co_await context.db().Write(
      [&](db::WriteTx& tx) { return Publish(context, tx, publication, id); });
  CO_ASSIGN_OR_RETURN(const StoredScript stored, std::move(published));
  co_await context.executor().Hop();
  CO_ASSIGN_OR_RETURN(const Script script, Read(stored));
  pb::PublishScriptResponse response;
  *response.mutable_script() = ToProto(script);
  co_return response;
}

async::Task<absl::StatusOr<pb::GetScriptResponse>> GetScript(RequestContext& context,
                                                             const pb::GetScriptRequest& request) {
  CO_ASSIGN_OR_RETURN(const ScriptLookup lookup, FromProto(request));
  auto found = co_await Find(context, lookup);
  CO_ASSIGN_OR_RETURN(const Script script, std::move(found));
  pb::GetScriptResponse response;
  *response.mutable_script() = ToProto(script);
  co_return response;
}

async::Task<absl::StatusOr<pb::ListScriptsResponse>> ListScripts(
    RequestContext& context, const pb::ListScriptsRequest& request) {
  CO_ASSIGN_OR_RETURN(const rpc::Page page, FromProto(request));
  // One more than the page holds tells whether there is a next one.
  auto read =
      co_await context.db().Read([&](db::ReadTx& tx) -> absl::StatusOr<std::vector<StoredScript>> {
        return ScriptStore(tx).List(context.landlord(), ScriptId(page.after), page.size + 1);
      });
  CO_ASSIGN_OR_RETURN(std::vector<StoredScript> scripts, std::move(read));
  pb::ListScriptsResponse response;
  if (scripts.size() > static_cast<size_t>(page.size)) {
    scripts.pop_back();
    response.set_next_page_token(scripts.back().id.ToString());
  }
  for (const StoredScript& script : scripts) {
    pb::ScriptSummary& summary = *response.add_scripts();
    summary.set_script_id(script.id.ToString());
    summary.set_version(script.version);
    summary.set_title(script.title);
    *summary.mutable_publish_time() = rpc::ToProto(script.publish_time);
  }
  co_return response;
}

async::Task<absl::StatusOr<pb::TestScriptResponse>> TestScript(
    RequestContext& context, const pb::TestScriptRequest& request) {
  co_await context.executor().Hop();
  CO_ASSIGN_OR_RETURN(ScriptTest test, FromProto(request));
  if (!test.script.has_value()) {
    auto found = co_await Find(context, test.published);
    CO_ASSIGN_OR_RETURN(test.script, std::move(found));
  }
  const Script& script = *test.script;
  CO_RETURN_IF_ERROR(Check(script));
  errors::Violations violations;
  for (const ScriptFault& fault : CheckCases(script, test.cases)) {
    violations.Add(fault.place, fault.fault);
  }
  CO_RETURN_IF_ERROR(violations.ToStatus());
  pb::TestScriptResponse response;
  for (const ScriptCase& tried : test.cases) *response.add_results() = ToProto(Try(script, tried));
  co_return response;
}

}  // namespace veille::call_tracking::handlers
