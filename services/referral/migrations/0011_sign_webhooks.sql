-- A partner may take its notices as webhooks: its endpoint is then an https address. Each has a key of
-- its own, which signs what is posted there; while a key is replaced, two sign side by side. The first
-- index keeps two rotations at once from both being the last. The previous release runs on it, and
-- parks what is due to such an endpoint.
CREATE TABLE partner_keys (
  landlord_id  uuid        NOT NULL,
  partner_id   uuid        NOT NULL,
  key_id       uuid        NOT NULL,  -- that of the request which made it
  secret       bytea       NOT NULL,  -- sealed
  created_time timestamptz NOT NULL,
  expire_time  timestamptz,           -- it was replaced, and signs until then
  CONSTRAINT partner_keys_pk PRIMARY KEY (landlord_id, partner_id, key_id),
  CONSTRAINT partner_keys_partner FOREIGN KEY (landlord_id, partner_id) REFERENCES partners
);
CREATE UNIQUE INDEX partner_keys_one_current ON partner_keys (landlord_id, partner_id)
  WHERE expire_time IS NULL;
SELECT veille_protect('partner_keys');
