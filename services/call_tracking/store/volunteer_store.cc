#include "call_tracking/store/volunteer_store.h"

#include <string>

#include "call_tracking/domain/names.h"
#include "call_tracking/errors.h"

namespace veille::call_tracking {
namespace {

constexpr db::Query kInsertVolunteer{"volunteers.insert", R"sql(
  INSERT INTO volunteers
    (landlord_id, volunteer_id, subject, display_name, languages, create_time)
  VALUES ($1::uuid, $2::uuid, $3, $4, $5::text[], $6::timestamptz)
  ON CONFLICT (landlord_id, subject) DO NOTHING
  RETURNING volunteer_id, subject, display_name, languages, state, version, create_time,
            absence_start_time, absence_end_time
)sql"};

constexpr db::Query kGetVolunteer{"volunteers.get", R"sql(
  SELECT volunteer_id, subject, display_name, languages, state, version, create_time,
         absence_start_time, absence_end_time
  FROM volunteers WHERE landlord_id = $1::uuid AND volunteer_id = $2::uuid
)sql"};

constexpr db::Query kListVolunteers{"volunteers.list", R"sql(
  SELECT volunteer_id, subject, display_name, languages, state, version, create_time,
         absence_start_time, absence_end_time
  FROM volunteers WHERE landlord_id = $1::uuid AND volunteer_id > $2::uuid
  ORDER BY volunteer_id LIMIT $3
)sql"};

constexpr db::Query kLockVolunteer{"volunteers.lock", R"sql(
  SELECT volunteer_id, subject, display_name, languages, state, version, create_time,
         absence_start_time, absence_end_time
  FROM volunteers WHERE landlord_id = $1::uuid AND volunteer_id = $2::uuid FOR UPDATE
)sql"};

constexpr db::Query kUpdateVolunteer{"volunteers.update", R"sql(
  UPDATE volunteers
  SET display_name = $3, languages = $4::text[], state = $5,
      absence_start_time = $6::timestamptz, absence_end_time = $7::timestamptz,
      version = version + 1
  WHERE landlord_id = $1::uuid AND volunteer_id = $2::uuid
)sql"};

std::optional<Absence> AbsenceFromRow(const db::Row& row) {
  const auto start = row.Find<absl::Time>("absence_start_time");
  if (!start.has_value()) return std::nullopt;
  return Absence{.start_time = *start, .end_time = row.Get<absl::Time>("absence_end_time")};
}

Volunteer VolunteerFromRow(const db::Row& row) {
  return Volunteer{
      .id = row.Get<VolunteerId>("volunteer_id"),
      .draft = {.subject = row.Get<std::string>("subject"),
                .display_name = row.Get<std::string>("display_name"),
                .languages = row.Get<std::vector<std::string>>("languages")},
      .state =
          FromName<VolunteerState>(row.Get<std::string>("state")).value_or(VolunteerState::kLeft),
      .version = row.Get<int64_t>("version"),
      .create_time = row.Get<absl::Time>("create_time"),
      .absence = AbsenceFromRow(row)};
}

}  // namespace

absl::StatusOr<Volunteer> VolunteerStore::Insert(db::WriteTx& tx, ids::LandlordId landlord,
                                                 VolunteerId id, const VolunteerDraft& draft,
                                                 absl::Time now) {
  const db::Rows rows = tx.Run(kInsertVolunteer, landlord, id, draft.subject, draft.display_name,
                               draft.languages, now);
  if (rows.empty()) return errors::DuplicateName("subject");
  return VolunteerFromRow(rows[0]);
}

absl::StatusOr<Volunteer> VolunteerStore::Get(ids::LandlordId landlord, VolunteerId id) {
  const db::Rows rows = tx_.Run(kGetVolunteer, landlord, id);
  if (rows.empty()) return errors::VolunteerNotFound(id.uuid());
  return VolunteerFromRow(rows[0]);
}

absl::StatusOr<Volunteer> VolunteerStore::Lock(db::WriteTx& tx, ids::LandlordId landlord,
                                               VolunteerId id) {
  const db::Rows rows = tx.Run(kLockVolunteer, landlord, id);
  if (rows.empty()) return errors::VolunteerNotFound(id.uuid());
  return VolunteerFromRow(rows[0]);
}

void VolunteerStore::Update(db::WriteTx& tx, ids::LandlordId landlord, Volunteer& volunteer) {
  std::optional<absl::Time> start;
  std::optional<absl::Time> end;
  if (volunteer.absence.has_value()) {
    start = volunteer.absence->start_time;
    end = volunteer.absence->end_time;
  }
  tx.Queue(kUpdateVolunteer, landlord, volunteer.id, volunteer.draft.display_name,
           volunteer.draft.languages, std::string(NameOf(volunteer.state)), start, end);
  ++volunteer.version;
}

std::vector<Volunteer> VolunteerStore::List(ids::LandlordId landlord, VolunteerId after,
                                            int limit) {
  std::vector<Volunteer> volunteers;
  for (const db::Row row : tx_.Run(kListVolunteers, landlord, after, limit)) {
    volunteers.push_back(VolunteerFromRow(row));
  }
  return volunteers;
}

}  // namespace veille::call_tracking
