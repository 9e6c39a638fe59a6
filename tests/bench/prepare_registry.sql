-- The registry's side of prepare_calls.sql: the same households, one tenant and one phone each.
INSERT INTO landlords (landlord_id, name, phone_key)
VALUES (:'landlord', 'bench', decode(repeat('00', 32), 'hex'));
INSERT INTO dwellings (landlord_id, dwelling_id, dwelling_number, residence, building, staircase, floor,
                       door, street_address, postal_code, commune_name, commune_code, time_zone)
SELECT :'landlord', md5('household ' || n)::uuid, n::text, 'Les Lilas', 'A', '', '', '', n || ' rue des Lilas',
       '31000', 'Toulouse', '31555', 'Europe/Paris'
FROM generate_series(1, :households) AS n;
INSERT INTO households (landlord_id, household_id, dwelling_id, client_reference, state, version,
                        objection, changed_time)
SELECT landlord_id, dwelling_id, dwelling_id, dwelling_number, 1, 1, false, now() FROM dwellings;
INSERT INTO tenants (landlord_id, tenant_id, household_id, position, title, family_name, given_name,
                     name_folded, birth_date, relation, email, present, objection)
SELECT landlord_id, household_id, household_id, 1, 'Mme', 'Exemple', 'Louise', 'exemple louise',
       '1940-01-01', 'Titulaire', '', true, false
FROM households;
INSERT INTO phones (landlord_id, household_id, tenant_id, position, verdict, e164, phone_hash, original)
SELECT landlord_id, household_id, household_id, 1, 1, '+33199000000', sha256(uuid_send(household_id)),
       '0199000000'
FROM households;
VACUUM ANALYZE;
