#include "tenant_registry/handlers/imports.h"

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "common/async/both.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "tenant_registry/convert/import.h"
#include "tenant_registry/errors.h"
#include "tenant_registry/handlers/import_session.h"

namespace veille::tenant_registry::handlers {
namespace {

using Reader = rpc::StreamReader<pb::ImportHouseholdsRequest>;
using Writer = rpc::StreamWriter<pb::ImportHouseholdsResponse>;

async::Task<absl::StatusOr<ImportHeader>> ReadHeader(Reader& reader) {
  auto read = co_await reader.Read();
  CO_ASSIGN_OR_RETURN(const std::optional<pb::ImportHouseholdsRequest> first, std::move(read));
  if (!first.has_value()) co_return errors::ImportCut();
  if (!first->has_header()) co_return UnexpectedMessage(*first, /*header_came=*/false);
  co_return FromProto(first->header());
}

// What the client sends behind the header: a chunk, judged, or the end.
struct Incoming {
  std::optional<pb::ImportEnd> end;
  int64_t chunk_number = 0;
  std::vector<JudgedRow> rows;
};

std::vector<JudgedRow> Judge(const pb::ImportChunk& chunk, const RowRules& rules) {
  std::vector<JudgedRow> rows;
  rows.reserve(static_cast<size_t>(chunk.rows_size()));
  for (const pb::RegisterRow& row : chunk.rows()) rows.push_back(JudgeRow(FromProto(row), rules));
  return rows;
}

async::Task<absl::StatusOr<Incoming>> ReadNext(RequestContext& context, const RowRules& rules,
                                               Reader& reader) {
  auto read = co_await reader.Read(&context.executor());
  CO_ASSIGN_OR_RETURN(const std::optional<pb::ImportHouseholdsRequest> message, std::move(read));
  if (!message.has_value()) co_return errors::ImportCut();
  if (message->has_end()) co_return Incoming{message->end(), 0, {}};
  if (!message->has_chunk()) co_return UnexpectedMessage(*message, /*header_came=*/true);
  CO_RETURN_IF_ERROR(CheckChunk(message->chunk()));
  co_return Incoming{{}, message->chunk().chunk_number(), Judge(message->chunk(), rules)};
}

async::Task<absl::Status> TakeChunk(RequestContext& context, ImportSession& session, Incoming chunk,
                                    Writer& writer) {
  auto taken = co_await session.TakeChunk(chunk.chunk_number, std::move(chunk.rows));
  CO_ASSIGN_OR_RETURN(const std::vector<RowVerdict> verdicts, std::move(taken));
  co_await context.executor().Hop();
  const bool written = co_await writer.Write(ToProto(chunk.chunk_number, verdicts));
  co_return written ? absl::OkStatus() : ::veille::errors::Cancelled();
}

// A failure ends the read that goes on beside it: the client may wait for an answer and send
// nothing.
async::Task<absl::Status> TakeChunkBesideRead(RequestContext& context, ImportSession& session,
                                              Incoming chunk, Writer& writer, Reader& reader) {
  absl::Status taken = co_await TakeChunk(context, session, std::move(chunk), writer);
  if (!taken.ok()) reader.Abandon();
  co_return taken;
}

async::Task<absl::Status> Finish(ImportSession& session, const pb::ImportEnd& end, Writer& writer) {
  CO_ASSIGN_OR_RETURN(const int64_t row_count, FromProto(end));
  auto finished = co_await session.Finish(row_count);
  CO_ASSIGN_OR_RETURN(const ImportTotals totals, std::move(finished));
  const bool written = co_await writer.Write(ToProto(totals));
  co_return written ? absl::OkStatus() : ::veille::errors::Cancelled();
}

// While a chunk is stored, the next one is read and judged.
async::Task<absl::Status> Serve(RequestContext& context, ImportSession& session, Reader& reader,
                                Writer& writer) {
  auto begun = co_await session.Begin();
  CO_ASSIGN_OR_RETURN(const ImportSession::Start start, std::move(begun));
  const auto accepted = Accepted(start.id, start.chunks, start.rows, start.done);
  if (!co_await writer.Write(accepted)) co_return ::veille::errors::Cancelled();
  absl::StatusOr<Incoming> next = co_await ReadNext(context, session.rules(), reader);
  while (next.ok() && !next->end.has_value()) {
    auto both = co_await async::Both(
        TakeChunkBesideRead(context, session, *std::move(next), writer, reader),
        ReadNext(context, session.rules(), reader));
    CO_RETURN_IF_ERROR(both.first);
    next = std::move(both.second);
  }
  CO_RETURN_IF_ERROR(next.status());
  absl::Status finished = co_await Finish(session, *next->end, writer);
  co_return finished;
}

}  // namespace

async::Task<absl::Status> ImportHouseholds(RequestContext& context, Reader& reader,
                                           Writer& writer) {
  auto read = co_await ReadHeader(reader);
  CO_ASSIGN_OR_RETURN(const ImportHeader header, std::move(read));
  const std::unique_ptr<ImportSession> session =
      header.dry_run ? DrySession(context, header) : StoringSession(context, header);
  const absl::Status status = co_await Serve(context, *session, reader, writer);
  co_await session->LetGo();
  if (!header.dry_run) context.import_metrics().Ended(status.ok());
  co_return status;
}

}  // namespace veille::tenant_registry::handlers
