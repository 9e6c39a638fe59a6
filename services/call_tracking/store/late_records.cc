// StoreLateRecords: calls recorded after somebody else had got the household.

#include "call_tracking/store/record_store.h"

namespace veille::call_tracking {
namespace {

using db::Query;

constexpr Query kStoreLateRecords{"late_records.store", R"sql(
  WITH late AS MATERIALIZED (
    SELECT landlord_id, attempt_id, campaign_id, household_id, lease_id, volunteer_id, request_id,
           record, record_time, subject
    FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::uuid[], $7::uuid[],
                $8::bytea[], $9::timestamptz[], $10::text[])
         AS d (landlord_id, attempt_id, campaign_id, household_id, lease_id, volunteer_id,
               request_id, record, record_time, subject)
  ), stored AS (
    INSERT INTO late_records (landlord_id, attempt_id, campaign_id, household_id, lease_id,
                              volunteer_id, request_id, record, record_time)
    SELECT landlord_id, attempt_id, campaign_id, household_id, lease_id, volunteer_id, request_id,
           record, record_time
    FROM late
  ), remembered AS (
    INSERT INTO requests (landlord_id, request_id, method, object_id)
    SELECT landlord_id, request_id, 'RecordCall', lease_id FROM late
  )
  INSERT INTO audit_events
    (landlord_id, actor_role, actor, method, object_kind, object_id, purpose, outcome)
  SELECT landlord_id, 'volunteer', subject, 'RecordCall', 'household', household_id, 'welfare call',
         'late'
  FROM late
)sql"};

}  // namespace

void StoreLateRecords(db::WriteTx& tx, const privacy::Seal& seal,
                      const std::vector<LateRecord>& records) {
  if (records.empty()) return;
  std::vector<ids::LandlordId> landlords;
  std::vector<ids::AttemptId> attempts;
  std::vector<ids::CampaignId> campaigns;
  std::vector<ids::HouseholdId> households;
  std::vector<ids::LeaseId> leases;
  std::vector<VolunteerId> volunteers;
  std::vector<ids::RequestId> requests;
  std::vector<db::Bytes> sealed;
  std::vector<absl::Time> times;
  std::vector<std::string> subjects;
  for (const LateRecord& record : records) {
    const Lease& lease = record.locked->lease;
    landlords.push_back(record.landlord);
    attempts.push_back(record.attempt);
    campaigns.push_back(lease.campaign);
    households.push_back(lease.household);
    leases.push_back(lease.id);
    volunteers.push_back(record.locked->volunteer);
    requests.push_back(record.request);
    sealed.push_back(seal.Close({.table = "late_records",
                                 .column = "record",
                                 .landlord = record.landlord,
                                 .campaign = lease.campaign,
                                 .row = record.attempt.uuid()},
                                record.record));
    times.push_back(record.now);
    subjects.push_back(record.subject);
  }
  tx.Queue(kStoreLateRecords, landlords, attempts, campaigns, households, leases, volunteers,
           requests, sealed, times, subjects);
}

}  // namespace veille::call_tracking
