-- The frozen list of households that a campaign calls, and where each stands. No name, no phone number
-- and no address: phones are keyed hashes, everything else is asked of the registry.
--
-- Whoever locks rows of one household takes them in this order: call_queue, leases, cohort_households.
CREATE TABLE cohort_households (
  landlord_id       uuid        NOT NULL,
  campaign_id       uuid        NOT NULL,
  household_id      uuid        NOT NULL,
  commune_code      text        NOT NULL,
  time_zone         text        NOT NULL,
  register_version  bigint      NOT NULL,  -- of the household, whose phones were taken in last
  phone_hashes      bytea       NOT NULL,  -- 32 bytes each, in the order of the call sheet
  phone_hash        bytea,                 -- which of them the next attempt dials; absent: none left
  state             text        NOT NULL DEFAULT 'PENDING',
  wait_reason       text,                  -- PENDING: why it is, or is not, called again
  attempts          integer     NOT NULL DEFAULT 0,
  fence             bigint      NOT NULL DEFAULT 0,  -- of the last lease; grows with each
  next_attempt_time timestamptz,           -- when it is called next; absent when it is not
  objection         boolean     NOT NULL DEFAULT false,
  decision_reason   text,                  -- NEEDS_DECISION: why
  progress          bytea,                 -- sealed: how often each disposition came, whether reached
  CONSTRAINT cohort_households_pk PRIMARY KEY (landlord_id, campaign_id, household_id),
  CONSTRAINT cohort_households_campaign FOREIGN KEY (landlord_id, campaign_id)
    REFERENCES campaigns (landlord_id, campaign_id),
  CONSTRAINT cohort_households_state CHECK (
    state IN ('PENDING', 'LEASED', 'DONE', 'FOLLOWED_UP', 'NEEDS_DECISION', 'CLOSED')),
  CONSTRAINT cohort_households_wait_reason CHECK (
    wait_reason IN ('FIRST', 'RETRY', 'APPOINTMENT', 'WEEKLY', 'EXHAUSTED', 'NO_NUMBER_LEFT')),
  CONSTRAINT cohort_households_waits CHECK (state <> 'PENDING' OR wait_reason IS NOT NULL),
  CONSTRAINT cohort_households_decision CHECK (
    (state = 'NEEDS_DECISION') = (decision_reason IS NOT NULL)
    AND decision_reason IN ('NOT_AGREED', 'NOT_COVERED', 'REFERRAL_ENDED', 'EMERGENCY', 'LATE_RECORD')),
  CONSTRAINT cohort_households_phone_hashes CHECK (length(phone_hashes) % 32 = 0),
  CONSTRAINT cohort_households_phone_hash CHECK (
    phone_hash IS NULL OR (length(phone_hash) = 32 AND position(phone_hash IN phone_hashes) > 0)),
  CONSTRAINT cohort_households_numbers CHECK (attempts >= 0 AND fence >= 0 AND register_version >= 0)
) WITH (fillfactor = 80);
CREATE INDEX cohort_households_household ON cohort_households (landlord_id, household_id);

-- The tenants of a household whom the campaign asks about.
CREATE TABLE cohort_subjects (
  landlord_id  uuid    NOT NULL,
  campaign_id  uuid    NOT NULL,
  household_id uuid    NOT NULL,
  tenant_id    uuid    NOT NULL,
  active       boolean NOT NULL DEFAULT true,  -- false: objected, died or left since
  CONSTRAINT cohort_subjects_pk PRIMARY KEY (landlord_id, campaign_id, household_id, tenant_id),
  CONSTRAINT cohort_subjects_household FOREIGN KEY (landlord_id, campaign_id, household_id)
    REFERENCES cohort_households (landlord_id, campaign_id, household_id) ON DELETE CASCADE
);

-- Whom the campaign does not call, and why.
CREATE TABLE cohort_left_out (
  landlord_id  uuid NOT NULL,
  campaign_id  uuid NOT NULL,
  household_id uuid NOT NULL,
  reason       text NOT NULL,
  CONSTRAINT cohort_left_out_pk PRIMARY KEY (landlord_id, campaign_id, household_id),
  CONSTRAINT cohort_left_out_campaign FOREIGN KEY (landlord_id, campaign_id)
    REFERENCES campaigns (landlord_id, campaign_id),
  CONSTRAINT cohort_left_out_reason CHECK (reason IN ('UNDER_AGE', 'OBJECTION', 'NO_VALID_PHONE'))
);
