#include "tenant_registry/convert/import.h"

#include <limits>

#include "common/rpc/fields.h"
#include "common/status/macros.h"

namespace veille::tenant_registry {
namespace {

constexpr int64_t kMostNumber = std::numeric_limits<int64_t>::max();
constexpr int kMostRows = 2000;
constexpr size_t kMostBytes = 4 << 20;
constexpr size_t kHashSize = 32;
// A chunk of nothing but faults would not fit into an answer: the first ones tell enough.
constexpr int kMostRowFaults = 20;

DateOrder OrderOf(pb::DateFormat format) {
  return format == pb::DATE_FORMAT_UNSPECIFIED ? DateOrder::kDayMonthYear
                                               : static_cast<DateOrder>(format);
}

pb::Verdict ToProto(Verdict verdict) { return static_cast<pb::Verdict>(verdict); }

}  // namespace

absl::StatusOr<ImportHeader> FromProto(const pb::ImportHeader& header) {
  rpc::Violations violations;
  ImportHeader read;
  const auto request = rpc::ReadUuid("header.request_id", header.request_id(), violations);
  read.request = RequestId(request);
  if (header.file_hash().size() != kHashSize) {
    violations.Add("header.file_hash",
                   header.file_hash().empty() ? "is required" : "must have 32 bytes");
  }
  read.file_hash = header.file_hash();
  read.dry_run = header.dry_run();
  read.complete = header.complete();
  if (!pb::DateFormat_IsValid(header.date_format())) {
    violations.Add("header.date_format", "is not a known value");
  }
  read.date_order = OrderOf(header.date_format());
  read.expected_rows =
      rpc::ReadNumber("header.expected_rows", header.expected_rows(), 0, kMostNumber, violations);
  if (header.has_reference_date()) {
    read.reference_date =
        rpc::ReadDate("header.reference_date", true, header.reference_date(), violations);
  }
  RETURN_IF_ERROR(violations.ToStatus());
  return read;
}

absl::Status CheckChunk(const pb::ImportChunk& chunk) {
  rpc::Violations violations;
  rpc::ReadNumber("chunk.chunk_number", chunk.chunk_number(), 1, kMostNumber, violations);
  rpc::CheckCount("chunk.rows", chunk.rows_size(), 1, kMostRows, violations);
  if (chunk.ByteSizeLong() > kMostBytes) violations.Add("chunk.rows", "must have 4 MB at most");
  int faults = 0;
  for (int i = 0; i < chunk.rows_size() && faults < kMostRowFaults; ++i) {
    if (chunk.rows(i).line_number() >= 1) continue;
    ++faults;
    violations.Add(rpc::In(rpc::At("chunk.rows", i), "line_number"), "must be 1 or more");
  }
  return violations.ToStatus();
}

RawRow FromProto(const pb::RegisterRow& row) {
  RawRow raw;
  raw.line_number = row.line_number();
  raw.row_key = row.row_key();
  raw.dwelling = Dwelling{.number = row.dwelling_number(),
                          .residence = row.residence(),
                          .building = row.building(),
                          .staircase = row.staircase(),
                          .floor = row.floor(),
                          .door = row.door(),
                          .street_address = row.street_address(),
                          .postal_code = row.postal_code(),
                          .commune_name = row.commune_name(),
                          .commune_code = row.commune_code(),
                          .time_zone = {}};
  raw.client_reference = row.client_reference();
  raw.title = row.title();
  raw.family_name = row.family_name();
  raw.given_name = row.given_name();
  raw.birth_date = row.birth_date();
  raw.phones.assign(row.phones().begin(), row.phones().end());
  raw.email = row.email();
  raw.relation = row.relation();
  raw.move_in_date = row.move_in_date();
  raw.objection = row.objection();
  raw.key_contact_name = row.key_contact_name();
  raw.key_contact_phone = row.key_contact_phone();
  return raw;
}

absl::StatusOr<int64_t> FromProto(const pb::ImportEnd& end) {
  rpc::Violations violations;
  const int64_t rows =
      rpc::ReadNumber("end.row_count", end.row_count(), 0, kMostNumber, violations);
  RETURN_IF_ERROR(violations.ToStatus());
  return rows;
}

absl::Status UnexpectedMessage(const pb::ImportHouseholdsRequest& request, bool header_came) {
  rpc::Violations violations;
  if (request.message_case() == pb::ImportHouseholdsRequest::MESSAGE_NOT_SET) {
    violations.Add("message", "is required");
  } else if (header_came) {
    violations.Add("header", "is only the first message");
  } else {
    violations.Add("header", "must be the first message");
  }
  return violations.ToStatus();
}

pb::ImportHouseholdsResponse Accepted(ImportId id, int64_t chunks, int64_t rows, bool done) {
  pb::ImportHouseholdsResponse response;
  pb::ImportAccepted* accepted = response.mutable_accepted();
  accepted->set_import_id(id.ToString());
  accepted->set_resume_after_chunk(chunks);
  accepted->set_resume_after_rows(rows);
  accepted->set_done(done);
  return response;
}

pb::ImportHouseholdsResponse ToProto(int64_t chunk_number,
                                     const std::vector<RowVerdict>& verdicts) {
  pb::ImportHouseholdsResponse response;
  pb::ChunkResult* result = response.mutable_chunk_result();
  result->set_chunk_number(chunk_number);
  result->mutable_verdicts()->Reserve(static_cast<int>(verdicts.size()));
  for (const RowVerdict& verdict : verdicts) {
    pb::RowVerdict* row = result->add_verdicts();
    row->set_line_number(verdict.line_number);
    row->set_row_key(verdict.row_key);
    row->set_verdict(ToProto(verdict.verdict));
    row->set_reason(std::string(verdict.reason));
  }
  return response;
}

pb::ImportHouseholdsResponse ToProto(const ImportTotals& totals) {
  pb::ImportHouseholdsResponse response;
  pb::ImportTotals* sums = response.mutable_totals();
  sums->set_rows(AllRows(totals.counts));
  sums->set_taken(RowsWith(totals.counts, Verdict::kTaken));
  sums->set_changed(RowsWith(totals.counts, Verdict::kChanged));
  sums->set_unchanged(RowsWith(totals.counts, Verdict::kUnchanged));
  sums->set_warned(RowsWith(totals.counts, Verdict::kTakenWithWarning));
  sums->set_refused(RowsWith(totals.counts, Verdict::kRefused));
  for (const auto& [key, rows] : totals.counts) {
    if (key.second.empty()) continue;
    pb::ReasonCount* count = key.first == Verdict::kRefused ? sums->add_refused_by_reason()
                                                            : sums->add_warned_by_reason();
    count->set_reason(key.second);
    count->set_rows(rows);
  }
  sums->set_dwellings(totals.dwellings);
  sums->set_households(totals.households);
  sums->set_tenants(totals.tenants);
  sums->set_households_left(totals.households_left);
  return response;
}

}  // namespace veille::tenant_registry
