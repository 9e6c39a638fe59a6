-- The boundary between everything and everything else. The key of the phone hashes stands with its
-- landlord until there is a key ring: two landlords cannot tell that they know the same number.
-- The name is unique in the installation, so that an operator does not create a landlord twice.
CREATE TABLE landlords (
  landlord_id  uuid        NOT NULL,
  name         text        NOT NULL,
  phone_key    bytea       NOT NULL,
  created_time timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT landlords_pk PRIMARY KEY (landlord_id),
  CONSTRAINT landlords_name UNIQUE (name),
  CONSTRAINT landlords_phone_key_size CHECK (octet_length(phone_key) = 32)
);
