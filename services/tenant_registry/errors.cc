#include "tenant_registry/errors.h"

#include "common/status/errors.h"

namespace veille::tenant_registry::errors {
namespace {

namespace pb = ::veille::common::v1;
using ::veille::errors::Make;
using Code = absl::StatusCode;

absl::Status Conflict(std::string_view message) {
  return Make(Code::kFailedPrecondition, pb::ERROR_REASON_IMPORT_CONFLICT, message);
}

absl::Status Incomplete(std::string_view message) {
  return Make(Code::kFailedPrecondition, pb::ERROR_REASON_IMPORT_INCOMPLETE, message);
}

}  // namespace

absl::Status DuplicateName() {
  return Make(Code::kAlreadyExists, pb::ERROR_REASON_DUPLICATE_NAME,
              "another landlord has this name; choose another one");
}

absl::Status LandlordNotFound() {
  return Make(Code::kNotFound, pb::ERROR_REASON_LANDLORD_NOT_FOUND,
              "no landlord has the id of the credentials; ask the operator to create it");
}

absl::Status HouseholdNotFound() {
  return Make(Code::kNotFound, pb::ERROR_REASON_HOUSEHOLD_NOT_FOUND,
              "the landlord has no such household; list the households");
}

absl::Status PhoneNotFound() {
  return Make(Code::kNotFound, pb::ERROR_REASON_PHONE_NOT_FOUND,
              "no phone of the household has this hash; nothing is to be done");
}

absl::Status AnotherImportRuns() {
  return ::veille::errors::WithRetry(
      Conflict("another import of the landlord is running; wait for its end"), absl::Seconds(60));
}

absl::Status ImportHeaderDiffers() {
  return Conflict("request_id was used for another file or header; send a new one");
}

absl::Status ImportOvertaken() {
  return Conflict("a later import overtook this one; send a new request_id");
}

absl::Status ImportStreamReplaced() {
  return Conflict("another stream continues this import; leave it to that one");
}

absl::Status ImportChunkOutOfOrder() {
  return Make(
      Code::kFailedPrecondition, pb::ERROR_REASON_IMPORT_CHUNK_OUT_OF_ORDER,
      "chunk_number is not the one after the last; send the header again and continue after "
      "resume_after_chunk");
}

absl::Status ImportCut() {
  return Incomplete(
      "the stream ended before its end message; the answered chunks stand, send the header again "
      "and continue");
}

absl::Status ImportRowCountDiffers() {
  return Incomplete(
      "row_count does not agree with the rows that came; the answered chunks stand, send the "
      "header "
      "again and continue");
}

absl::Status ImportEmpty() {
  return Make(Code::kInvalidArgument, pb::ERROR_REASON_IMPORT_EMPTY,
              "the file has no row that could be taken; look at the verdicts, the mapping and the "
              "date format");
}

}  // namespace veille::tenant_registry::errors
