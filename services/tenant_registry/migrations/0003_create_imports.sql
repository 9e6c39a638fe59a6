-- Where an import stands, so that a cut stream goes on after its last committed chunk. A stream holds
-- its import by a fence until hold_until; the next stream of the same import takes a new fence, and
-- the old one cannot write any more. An import that is overtaken by another one is not continued: its
-- marks on the rows are no longer the newest.
CREATE TABLE imports (
  landlord_id     uuid        NOT NULL,
  import_id       uuid        NOT NULL,
  file_hash       bytea       NOT NULL,
  complete        boolean     NOT NULL,
  date_format     smallint    NOT NULL,
  reference_date  date,                  -- as sent; absent means the day it began
  judged_on       date        NOT NULL,  -- the day by which rows are judged
  expected_rows   bigint      NOT NULL,
  state           smallint    NOT NULL,  -- 1 running, 2 done, 3 overtaken
  chunks          bigint      NOT NULL DEFAULT 0,
  rows            bigint      NOT NULL DEFAULT 0,
  fence           bigint      NOT NULL DEFAULT 1,
  hold_until      timestamptz NOT NULL,
  dwellings       bigint      NOT NULL DEFAULT 0,
  households      bigint      NOT NULL DEFAULT 0,
  tenants         bigint      NOT NULL DEFAULT 0,
  households_left bigint      NOT NULL DEFAULT 0,
  created_time    timestamptz NOT NULL DEFAULT now(),
  finished_time   timestamptz,
  CONSTRAINT imports_pk PRIMARY KEY (landlord_id, import_id),
  CONSTRAINT imports_landlord FOREIGN KEY (landlord_id) REFERENCES landlords (landlord_id),
  CONSTRAINT imports_state CHECK (state IN (1, 2, 3)),
  CONSTRAINT imports_file_hash_size CHECK (octet_length(file_hash) = 32)
);
CREATE UNIQUE INDEX imports_running ON imports (landlord_id) WHERE state = 1;

-- How many rows had which verdict, by reason; added to in the transaction of each chunk.
CREATE TABLE import_counts (
  landlord_id uuid     NOT NULL,
  import_id   uuid     NOT NULL,
  verdict     smallint NOT NULL,
  reason      text     NOT NULL,
  rows        bigint   NOT NULL,
  CONSTRAINT import_counts_pk PRIMARY KEY (landlord_id, import_id, verdict, reason)
);

-- Each row of the register as it was taken last: its key and its contents as digests (the first 128
-- bits of SHA-256), what it became, and which imports saw and changed it last. A row with the same
-- contents costs one update here and nothing elsewhere.
CREATE TABLE register_rows (
  landlord_id    uuid NOT NULL,
  row_key        uuid NOT NULL,
  contents       uuid NOT NULL,
  dwelling_id    uuid NOT NULL,
  household_id   uuid,  -- absent for a vacant dwelling
  tenant_id      uuid,
  seen_import    uuid NOT NULL,
  changed_import uuid NOT NULL,
  CONSTRAINT register_rows_pk PRIMARY KEY (landlord_id, row_key)
) WITH (fillfactor = 80);

-- Refused rows that name a person: a household that only they name has not left, and the coordinator
-- sees those that may concern somebody old. Kept until the next import is done.
CREATE TABLE refused_rows (
  landlord_id      uuid   NOT NULL,
  import_id        uuid   NOT NULL,
  row_number       bigint NOT NULL,  -- in the file, from 1
  line_number      bigint NOT NULL,
  reason           text   NOT NULL,
  birth_date       date,  -- absent when it cannot be believed
  dwelling_number  text   NOT NULL,
  client_reference text   NOT NULL,
  name             text   NOT NULL,
  address          text   NOT NULL,
  town             text   NOT NULL,
  commune_code     text   NOT NULL,
  CONSTRAINT refused_rows_pk PRIMARY KEY (landlord_id, import_id, row_number)
);
