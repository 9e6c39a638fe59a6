#include "tenant_registry/handlers/imports.h"

#include <memory>
#include <utility>

#include "common/status/errors.h"
#include "common/status/macros.h"
#include "tenant_registry/convert/import.h"
#include "tenant_registry/errors.h"
#include "tenant_registry/handlers/import_session.h"

namespace veille::tenant_registry::handlers {
namespace {

using Reader = rpc::StreamReader<pb::ImportHouseholdsRequest>;
using Writer = rpc::StreamWriter<pb::ImportHouseholdsResponse>;

std::vector<JudgedRow> Judge(const pb::ImportChunk& chunk, const RowRules& rules) {
  std::vector<JudgedRow> rows;
  rows.reserve(static_cast<size_t>(chunk.rows_size()));
  for (const pb::RegisterRow& row : chunk.rows()) rows.push_back(JudgeRow(FromProto(row), rules));
  return rows;
}

async::Task<absl::StatusOr<ImportHeader>> ReadHeader(Reader& reader) {
  auto read = co_await reader.Read();
  CO_ASSIGN_OR_RETURN(const std::optional<pb::ImportHouseholdsRequest> first, std::move(read));
  if (!first.has_value()) co_return errors::ImportCut();
  if (!first->has_header()) co_return UnexpectedMessage(*first, /*header_came=*/false);
  co_return FromProto(first->header());
}

async::Task<absl::StatusOr<pb::ImportHouseholdsResponse>> TakeChunk(RequestContext& context,
                                                                    ImportSession& session,
                                                                    const pb::ImportChunk& chunk) {
  CO_RETURN_IF_ERROR(CheckChunk(chunk));
  co_await context.executor().Hop();
  std::vector<JudgedRow> rows = Judge(chunk, session.rules());
  auto taken = co_await session.TakeChunk(chunk.chunk_number(), std::move(rows));
  CO_ASSIGN_OR_RETURN(const std::vector<RowVerdict> verdicts, std::move(taken));
  co_await context.executor().Hop();
  co_return ToProto(chunk.chunk_number(), verdicts);
}

async::Task<absl::StatusOr<pb::ImportHouseholdsResponse>> Finish(ImportSession& session,
                                                                 const pb::ImportEnd& end) {
  CO_ASSIGN_OR_RETURN(const int64_t row_count, FromProto(end));
  auto finished = co_await session.Finish(row_count);
  CO_ASSIGN_OR_RETURN(const ImportTotals totals, std::move(finished));
  co_return ToProto(totals);
}

async::Task<absl::Status> Serve(RequestContext& context, ImportSession& session, Reader& reader,
                                Writer& writer) {
  auto begun = co_await session.Begin();
  CO_ASSIGN_OR_RETURN(const ImportSession::Start start, std::move(begun));
  const auto accepted = Accepted(start.id, start.chunks, start.rows);
  if (!co_await writer.Write(accepted)) co_return ::veille::errors::Cancelled();
  while (true) {
    auto read = co_await reader.Read();
    CO_ASSIGN_OR_RETURN(const std::optional<pb::ImportHouseholdsRequest> message, std::move(read));
    if (!message.has_value()) co_return errors::ImportCut();
    if (!message->has_chunk() && !message->has_end()) {
      co_return UnexpectedMessage(*message, /*header_came=*/true);
    }
    absl::StatusOr<pb::ImportHouseholdsResponse> answer;
    if (message->has_chunk()) {
      answer = co_await TakeChunk(context, session, message->chunk());
    } else {
      answer = co_await Finish(session, message->end());
    }
    CO_RETURN_IF_ERROR(answer.status());
    if (!co_await writer.Write(*answer)) co_return ::veille::errors::Cancelled();
    if (message->has_end()) co_return absl::OkStatus();
  }
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
  co_return status;
}

}  // namespace veille::tenant_registry::handlers
