-- What was said. Everything of the classes WELFARE and FREE_TEXT is sealed (bytea); urgency and states
-- stay plain, so that queues work. campaign_id stands in every row: its key seals them, and closing the
-- campaign deletes them by it.
CREATE TABLE attempts (
  landlord_id      uuid        NOT NULL,
  attempt_id       uuid        NOT NULL,
  campaign_id      uuid        NOT NULL,
  household_id     uuid        NOT NULL,
  lease_id         uuid        NOT NULL,
  volunteer_id     uuid        NOT NULL,
  request_id       uuid        NOT NULL,
  attempt_number   integer     NOT NULL,
  phone_hash       bytea       NOT NULL,  -- which was dialled
  disposition      bytea       NOT NULL,  -- sealed
  dial_time        timestamptz NOT NULL,
  duration_seconds integer,
  record_time      timestamptz NOT NULL,
  CONSTRAINT attempts_pk PRIMARY KEY (landlord_id, attempt_id),
  CONSTRAINT attempts_request UNIQUE (landlord_id, request_id),
  CONSTRAINT attempts_lease UNIQUE (landlord_id, lease_id),
  CONSTRAINT attempts_of_lease FOREIGN KEY (landlord_id, lease_id)
    REFERENCES leases (landlord_id, lease_id),
  CONSTRAINT attempts_numbers CHECK (attempt_number >= 1
                                     AND (duration_seconds IS NULL OR duration_seconds >= 0))
);
CREATE INDEX attempts_household ON attempts (landlord_id, campaign_id, household_id, attempt_number);

CREATE TABLE answers (
  landlord_id uuid  NOT NULL,
  campaign_id uuid  NOT NULL,
  attempt_id  uuid  NOT NULL,
  tenant_id   uuid  NOT NULL,
  question_id text  NOT NULL,
  value       bytea NOT NULL,  -- sealed
  CONSTRAINT answers_pk PRIMARY KEY (landlord_id, campaign_id, attempt_id, tenant_id, question_id),
  CONSTRAINT answers_attempt FOREIGN KEY (landlord_id, attempt_id)
    REFERENCES attempts (landlord_id, attempt_id)
);

-- What a subject was asked to agree to, by which text, when, and said.
CREATE TABLE agreements (
  landlord_id  uuid        NOT NULL,
  campaign_id  uuid        NOT NULL,
  attempt_id   uuid        NOT NULL,
  position     smallint    NOT NULL,  -- in the record, from 0
  tenant_id    uuid        NOT NULL,
  kind         text        NOT NULL,
  need         bytea,                 -- sealed; of SHARE_NEED
  agreed       bytea       NOT NULL,  -- sealed
  words        bytea,                 -- sealed; what may be shared
  text_version text        NOT NULL,
  agree_time   timestamptz NOT NULL,
  CONSTRAINT agreements_pk PRIMARY KEY (landlord_id, campaign_id, attempt_id, position),
  CONSTRAINT agreements_attempt FOREIGN KEY (landlord_id, attempt_id)
    REFERENCES attempts (landlord_id, attempt_id),
  CONSTRAINT agreements_kind CHECK (kind IN ('SHARE_NEED', 'STORE_HEALTH_ANSWERS', 'WEEKLY_CALL')),
  CONSTRAINT agreements_need CHECK ((kind = 'SHARE_NEED') = (need IS NOT NULL))
);
CREATE INDEX agreements_tenant ON agreements (landlord_id, campaign_id, tenant_id, kind, agree_time);

-- What a call revealed about one subject, and what became of it.
CREATE TABLE findings (
  landlord_id         uuid        NOT NULL,
  finding_id          uuid        NOT NULL,
  campaign_id         uuid        NOT NULL,
  household_id        uuid        NOT NULL,
  attempt_id          uuid        NOT NULL,
  tenant_id           uuid        NOT NULL,
  kind                text        NOT NULL,
  need                bytea,                 -- sealed; of NEED
  need_key            bytea,                 -- HMAC(campaign key, subject, need): finds the same need
  urgency             text,                  -- of NEED
  rule_id             bytea,                 -- sealed; absent when the volunteer raised it
  raised_by_volunteer boolean     NOT NULL,
  words               bytea,                 -- sealed; what the volunteer heard
  shared              boolean     NOT NULL,  -- goes, or went, to the referral service
  sharing_basis       text,                  -- why it may be shared
  decision_reason     text,                  -- why it waits for a coordinator
  find_time           timestamptz NOT NULL,
  referral_id         uuid,
  referral_version    bigint      NOT NULL DEFAULT 0,  -- the highest taken in
  referral_state      text,
  referral_outcome    bytea,                 -- sealed
  referral_time       timestamptz,           -- of that version
  CONSTRAINT findings_pk PRIMARY KEY (landlord_id, finding_id),
  CONSTRAINT findings_attempt FOREIGN KEY (landlord_id, attempt_id)
    REFERENCES attempts (landlord_id, attempt_id),
  CONSTRAINT findings_kind CHECK (kind IN ('NEED', 'WEEKLY_CALL', 'ALL_WELL')),
  CONSTRAINT findings_need CHECK ((kind = 'NEED') = (need IS NOT NULL)
    AND (need IS NULL) = (urgency IS NULL) AND (need IS NULL) = (need_key IS NULL)),
  CONSTRAINT findings_urgency CHECK (urgency IN ('ROUTINE', 'PRIORITY', 'EMERGENCY')),
  CONSTRAINT findings_shared CHECK (shared = (sharing_basis IS NOT NULL) AND (NOT shared OR kind = 'NEED')),
  CONSTRAINT findings_sharing_basis CHECK (sharing_basis IN ('AGREEMENT', 'VITAL_INTEREST')),
  CONSTRAINT findings_decision_reason CHECK (decision_reason IN
    ('NOT_AGREED', 'NOT_COVERED', 'REFERRAL_ENDED', 'EMERGENCY', 'LATE_RECORD')),
  CONSTRAINT findings_referral CHECK ((referral_id IS NULL) = (referral_state IS NULL)),
  CONSTRAINT findings_referral_state CHECK (referral_state IN ('REQUESTED', 'RECEIVED', 'ACCEPTED',
    'IN_PROGRESS', 'COMPLETED', 'REJECTED', 'CANCELLED', 'FAILED'))
);
CREATE INDEX findings_household ON findings (landlord_id, campaign_id, household_id, find_time);

-- Calls recorded after somebody else had got the household: kept whole for the coordinator, because
-- what a tenant said is never dropped. They change nothing else.
CREATE TABLE late_records (
  landlord_id  uuid        NOT NULL,
  attempt_id   uuid        NOT NULL,
  campaign_id  uuid        NOT NULL,
  household_id uuid        NOT NULL,
  lease_id     uuid        NOT NULL,
  volunteer_id uuid        NOT NULL,
  request_id   uuid        NOT NULL,
  record       bytea       NOT NULL,  -- sealed: the serialised veille.calls.v1.RecordCallRequest
  record_time  timestamptz NOT NULL,
  review_time  timestamptz,           -- when a coordinator has dealt with it
  CONSTRAINT late_records_pk PRIMARY KEY (landlord_id, attempt_id),
  CONSTRAINT late_records_request UNIQUE (landlord_id, request_id),
  CONSTRAINT late_records_lease FOREIGN KEY (landlord_id, lease_id)
    REFERENCES leases (landlord_id, lease_id)
);
CREATE INDEX late_records_household ON late_records (landlord_id, campaign_id, household_id);
CREATE INDEX late_records_open ON late_records (landlord_id, campaign_id, record_time)
  WHERE review_time IS NULL;
