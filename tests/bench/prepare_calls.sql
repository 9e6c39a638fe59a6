-- A campaign that runs, as OpenCampaign would leave it, with :households due households and 256
-- volunteers. Tenant ids equal household ids, and a phone's hash is the SHA-256 of the household's id:
-- the stub registry answers accordingly.
INSERT INTO scripts (landlord_id, script_id, version, title, body, publish_time)
VALUES (:'landlord', :'script', 1, 'bench', decode(:'script_body', 'hex'), now());
INSERT INTO volunteers (landlord_id, volunteer_id, subject, display_name, languages, create_time)
SELECT :'landlord', md5('volunteer ' || n)::uuid, 'bench-' || n, 'Bench ' || n, '{fr}', now()
FROM generate_series(0, 255) AS n;
INSERT INTO campaigns (landlord_id, campaign_id, title, purpose, state, minimum_age, reference_date,
                       commune_codes, buildings, script_id, script_version, start_time, end_time,
                       selected, create_time, open_time)
VALUES (:'landlord', :'campaign', 'bench', 'bench', 'RUNNING', 70, '2020-03-17', '{}', '{}',
        :'script', 1, now() - interval '1 day', now() + interval '30 days', :households, now(), now());
INSERT INTO campaign_zones (landlord_id, campaign_id, time_zone, open_from, open_until)
VALUES (:'landlord', :'campaign', 'Europe/Paris', now() - interval '1 day', now() + interval '30 days');
INSERT INTO cohort_households (landlord_id, campaign_id, household_id, commune_code, time_zone,
                               register_version, phone_hashes, phone_hash, wait_reason,
                               next_attempt_time)
SELECT :'landlord', :'campaign', id, '31555', 'Europe/Paris', 1, sha256(uuid_send(id)),
       sha256(uuid_send(id)), 'FIRST', now() - interval '1 hour'
FROM (SELECT md5('household ' || n)::uuid AS id FROM generate_series(1, :households) AS n) AS made;
INSERT INTO cohort_subjects (landlord_id, campaign_id, household_id, tenant_id)
SELECT landlord_id, campaign_id, household_id, household_id FROM cohort_households;
INSERT INTO call_queue (landlord_id, campaign_id, household_id, time_zone, phone_hash, priority,
                        due_time, is_due)
SELECT landlord_id, campaign_id, household_id, time_zone, phone_hash, 20, next_attempt_time, true
FROM cohort_households;
-- :history households were called before. A campaign that runs has a past, and the planner of either
-- side is to know it: plans made for empty tables would be measured otherwise.
CREATE TEMPORARY TABLE past AS
SELECT md5('past ' || n)::uuid AS id, md5('past lease ' || n)::uuid AS lease_id,
       md5('past request ' || n)::uuid AS request_id
FROM generate_series(1, :history) AS n;
INSERT INTO cohort_households (landlord_id, campaign_id, household_id, commune_code, time_zone,
                               register_version, phone_hashes, phone_hash, state, wait_reason, attempts,
                               fence)
SELECT :'landlord', :'campaign', id, '31555', 'Europe/Paris', 1, sha256(uuid_send(id)),
       sha256(uuid_send(id)), 'DONE', NULL, 1, 1
FROM past;
INSERT INTO cohort_subjects (landlord_id, campaign_id, household_id, tenant_id)
SELECT :'landlord', :'campaign', id, id FROM past;
INSERT INTO leases (landlord_id, lease_id, campaign_id, household_id, volunteer_id, request_id, phone_hash,
                    fence, attempt_number, state, grant_time, expire_time, end_time)
SELECT :'landlord', lease_id, :'campaign', id, md5('volunteer 0')::uuid, request_id,
       sha256(uuid_send(id)), 1, 1, 'RECORDED', now(), now(), now()
FROM past;
INSERT INTO attempts (landlord_id, attempt_id, campaign_id, household_id, lease_id, volunteer_id, request_id,
                      attempt_number, phone_hash, disposition, dial_time, record_time)
SELECT :'landlord', id, :'campaign', id, lease_id, md5('volunteer 0')::uuid, request_id, 1,
       sha256(uuid_send(id)), '\x00434f4d504c45544544', now(), now()
FROM past;
INSERT INTO answers (landlord_id, campaign_id, attempt_id, tenant_id, question_id, value)
SELECT :'landlord', :'campaign', id, id, 'well', '\x006231' FROM past;
INSERT INTO requests (landlord_id, request_id, method, object_id)
SELECT :'landlord', request_id, 'RecordCall', lease_id FROM past;
INSERT INTO audit_events (landlord_id, actor_role, actor, method, object_kind, object_id, purpose, outcome)
SELECT :'landlord', 'volunteer', 'bench-0', 'RecordCall', 'household', id, 'welfare call', 'recorded'
FROM past;
DROP TABLE past;
VACUUM ANALYZE;
