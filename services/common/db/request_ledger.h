#pragma once

// Request ids (AIP-155): a mutation begins by taking its id. The same id again answers the same
// resource, rebuilt from its state; the same id for another method is ALREADY_EXISTS.
//
//   ASSIGN_OR_RETURN(const auto taken, db::TakeRequest(tx, landlord, request_id, "EnrolVolunteer",
//                                                      Uuid::Random()));
//   if (taken.repeated) return volunteers.Get(landlord, VolunteerId(taken.object_id));

#include <string_view>

#include "absl/status/statusor.h"
#include "common/db/transaction.h"
#include "common/ids/uuid.h"

namespace veille::db {

struct TakenRequest {
  ids::Uuid object_id;    // the new object's, or the first request's
  bool repeated = false;  // the id was taken before, by the same method
};

// `object_id` is the id of what this request makes, or of what it changes. With
// `same_object` a repetition must also be about the same object (requests that change one).
absl::StatusOr<TakenRequest> TakeRequest(WriteTx& tx, ids::LandlordId landlord,
                                         ids::RequestId request, std::string_view method,
                                         ids::Uuid object_id, bool same_object = false);

// The statements themselves, for what measures them.
const db::Query& TakeRequestQuery();

}  // namespace veille::db
