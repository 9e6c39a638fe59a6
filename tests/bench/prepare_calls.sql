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
VACUUM ANALYZE;
