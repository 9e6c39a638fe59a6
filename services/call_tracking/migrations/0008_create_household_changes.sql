-- What the register said of households, each version once; one version may both end calls and change
-- phones. A campaign that opens while a change is
-- on its way may draw the household as it was before: what ended calls then ends them in the new
-- cohort too. Identifiers only.
CREATE TABLE household_changes (
  landlord_id   uuid        NOT NULL,
  household_id  uuid        NOT NULL,
  version       bigint      NOT NULL,  -- of the household in the register
  ends_calls    boolean     NOT NULL,  -- objection, death, move; otherwise its phones changed
  objection     boolean     NOT NULL,
  tenant_ids    uuid[]      NOT NULL,  -- empty: the whole household
  phone_hashes  bytea       NOT NULL,  -- 32 bytes each, in order; empty unless phones changed
  applied       boolean     NOT NULL,  -- whether it was newer than what was known
  received_time timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT household_changes_pk PRIMARY KEY (landlord_id, household_id, version, ends_calls),
  CONSTRAINT household_changes_phone_hashes CHECK (length(phone_hashes) % 32 = 0),
  CONSTRAINT household_changes_objection CHECK (ends_calls OR NOT objection)
);

-- The household's version when the cohort was drawn: what ended calls up to then was judged by the
-- register itself. The previous release runs on: it leaves the default.
ALTER TABLE cohort_households ADD COLUMN drawn_version bigint NOT NULL DEFAULT 0;
