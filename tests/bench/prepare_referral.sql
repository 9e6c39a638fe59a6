-- Partners at :endpoints (parted by commas), the first for commune 31001, the next for 31002, …, and
-- :deliveries referrals, shared out among them, whose pushes are due; before them :closed referrals that
-- have run their course.
INSERT INTO partners (landlord_id, partner_id, name, kind, endpoint, contact_phone, payload, capacity,
                      state, created_time)
SELECT :'landlord', md5('partner ' || n)::uuid, 'Partner ' || n, 2, endpoint, '', 1, 0, 1, now()
FROM unnest(string_to_array(:'endpoints', ',')) WITH ORDINALITY AS given (endpoint, n);
INSERT INTO partner_coverage (landlord_id, partner_id, entry, commune_code, needs)
SELECT :'landlord', md5('partner ' || n)::uuid, 0, (31000 + n)::text, 16382
FROM unnest(string_to_array(:'endpoints', ',')) WITH ORDINALITY AS given (endpoint, n);
INSERT INTO referrals (landlord_id, referral_id, campaign_id, household_id, tenant_id, finding_id,
                       commune_code, time_zone, urgency, state, subject_need_blind, need, words, basis,
                       contact, partner_id, last_fence, open_fence, acknowledge_deadline, created_time,
                       updated_time)
SELECT :'landlord', id, md5('campaign')::uuid, id, id, id, (31001 + n % partners)::text, 'Europe/Paris',
       1, 1, sha256(uuid_send(id)), '\x0031', '\x00', '\x00' || convert_to('{}', 'UTF8'),
       '\x00' || convert_to('{}', 'UTF8'), md5('partner ' || 1 + n % partners)::uuid, 1, 1,
       now() + interval '48 hours', now(), now()
FROM (SELECT n, md5('referral ' || n)::uuid AS id, cardinality(string_to_array(:'endpoints', ',')) AS partners
      FROM generate_series(0, :deliveries - 1) AS n) AS made;
INSERT INTO referral_events (landlord_id, referral_id, version, state, actor, open_fence, event_time)
SELECT landlord_id, referral_id, 1, 1, 2, 1, created_time FROM referrals;
INSERT INTO assignments (landlord_id, referral_id, fence, assignment_id, partner_id, state, assigned_time)
SELECT landlord_id, referral_id, 1, referral_id, partner_id, 1, created_time FROM referrals;
INSERT INTO deliveries (landlord_id, delivery_id, referral_id, assignment_fence, partner_id, state, due_time)
SELECT landlord_id, referral_id, referral_id, 1, partner_id, 1, created_time FROM referrals;
-- The rows fit each other, and a million take long enough without being looked up by foreign keys.
SET session_replication_role = replica;
INSERT INTO referrals (landlord_id, referral_id, campaign_id, household_id, tenant_id, finding_id,
                       commune_code, time_zone, urgency, state, version, subject_need_blind, need, words,
                       basis, contact, outcome, partner_id, last_fence, created_time, updated_time)
SELECT :'landlord', id, md5('campaign')::uuid, id, id, id, (31001 + n % partners)::text, 'Europe/Paris',
       1, 5, 5, sha256(uuid_send(id)), '\x0031', '\x00', '\x00' || convert_to('{}', 'UTF8'),
       '\x00' || convert_to('{}', 'UTF8'), '\x0031', md5('partner ' || 1 + n % partners)::uuid, 1,
       now() - interval '9 days', now() - interval '2 days'
FROM (SELECT n, md5('closed ' || n)::uuid AS id, cardinality(string_to_array(:'endpoints', ',')) AS partners
      FROM generate_series(1, :closed) AS n) AS made;
INSERT INTO referral_events (landlord_id, referral_id, version, state, actor, open_fence, event_time)
SELECT landlord_id, referral_id, 5, 5, 1, 0, updated_time FROM referrals WHERE state = 5;
INSERT INTO assignments (landlord_id, referral_id, fence, assignment_id, partner_id, state, assigned_time,
                         received_time, accepted_time, ended_time)
SELECT landlord_id, referral_id, 1, referral_id, partner_id, 2, created_time, created_time, created_time,
       updated_time
FROM referrals WHERE state = 5;
INSERT INTO deliveries (landlord_id, delivery_id, referral_id, assignment_fence, partner_id, state, due_time,
                        fence, tries, receipt_number)
SELECT landlord_id, referral_id, referral_id, 1, partner_id, 3, created_time, 1, 1, 'bench'
FROM referrals WHERE state = 5;
RESET session_replication_role;
INSERT INTO partner_loads (landlord_id, partner_id, open_referrals)
SELECT p.landlord_id, p.partner_id, (SELECT count(*) FROM referrals AS r
                                     WHERE r.landlord_id = p.landlord_id AND r.partner_id = p.partner_id
                                       AND r.state <> 5)
FROM partners AS p;
VACUUM ANALYZE;
