-- Households that wait to be called. A household stands here exactly while it is PENDING with a time
-- (next_attempt_time) and a phone: a lease takes the row out, a retry, a release or an expiry puts it
-- back. The table stays narrow and is vacuumed eagerly: dead entries at the head of the claim index
-- cost more than anything else here.
CREATE TABLE call_queue (
  landlord_id  uuid        NOT NULL,
  campaign_id  uuid        NOT NULL,
  household_id uuid        NOT NULL,
  time_zone    text        NOT NULL,
  phone_hash   bytea       NOT NULL,  -- which is dialled: one call at a time per phone
  priority     smallint    NOT NULL,  -- 10 appointments, 20 never called, 30 retries: smaller first
  due_time     timestamptz NOT NULL,
  is_due       boolean     NOT NULL,  -- set by the promoter once due_time has come
  CONSTRAINT call_queue_pk PRIMARY KEY (landlord_id, campaign_id, household_id),
  CONSTRAINT call_queue_household FOREIGN KEY (landlord_id, campaign_id, household_id)
    REFERENCES cohort_households (landlord_id, campaign_id, household_id) ON DELETE CASCADE,
  CONSTRAINT call_queue_phone_hash CHECK (length(phone_hash) = 32),
  CONSTRAINT call_queue_priority CHECK (priority BETWEEN 0 AND 100)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000,
        autovacuum_vacuum_cost_delay = 0);
-- Leases claim from this one: it holds only what is due, in the order in which it is called.
CREATE INDEX call_queue_due ON call_queue
  (landlord_id, campaign_id, time_zone, priority, due_time, household_id) WHERE is_due;
CREATE INDEX call_queue_not_due ON call_queue (due_time) WHERE NOT is_due;

-- A volunteer's exclusive, expiring right to call one household. By the database's clock.
CREATE TABLE leases (
  landlord_id    uuid        NOT NULL,
  lease_id       uuid        NOT NULL,
  campaign_id    uuid        NOT NULL,
  household_id   uuid        NOT NULL,
  volunteer_id   uuid        NOT NULL,
  request_id     uuid        NOT NULL,
  phone_hash     bytea       NOT NULL,
  fence          bigint      NOT NULL,  -- cohort_households.fence when it was granted
  attempt_number integer     NOT NULL,  -- of the household, from 1
  weekly_call    boolean     NOT NULL DEFAULT false,
  state          text        NOT NULL DEFAULT 'LIVE',
  grant_time     timestamptz NOT NULL,
  expire_time    timestamptz NOT NULL,
  end_time       timestamptz,
  CONSTRAINT leases_pk PRIMARY KEY (landlord_id, lease_id),
  CONSTRAINT leases_request UNIQUE (landlord_id, request_id),
  CONSTRAINT leases_household FOREIGN KEY (landlord_id, campaign_id, household_id)
    REFERENCES cohort_households (landlord_id, campaign_id, household_id),
  CONSTRAINT leases_volunteer FOREIGN KEY (landlord_id, volunteer_id)
    REFERENCES volunteers (landlord_id, volunteer_id),
  CONSTRAINT leases_state CHECK (state IN ('LIVE', 'RECORDED', 'RELEASED', 'EXPIRED')),
  CONSTRAINT leases_ended CHECK ((state = 'LIVE') = (end_time IS NULL)),
  CONSTRAINT leases_numbers CHECK (fence >= 1 AND attempt_number >= 1),
  CONSTRAINT leases_phone_hash CHECK (length(phone_hash) = 32)
) WITH (fillfactor = 90, autovacuum_vacuum_scale_factor = 0.02);
-- One live lease per household, per phone and per volunteer. IS NOT NULL says nothing about the rows: it
-- keeps each index for the look-ups by its own column. Live leases are few and come and go, so the
-- planner believes that all three are empty and would take any of them, by landlord alone.
CREATE UNIQUE INDEX leases_live_household ON leases (landlord_id, household_id)
  WHERE state = 'LIVE' AND household_id IS NOT NULL;
CREATE UNIQUE INDEX leases_live_phone ON leases (landlord_id, phone_hash)
  WHERE state = 'LIVE' AND phone_hash IS NOT NULL;
CREATE UNIQUE INDEX leases_live_volunteer ON leases (landlord_id, volunteer_id)
  WHERE state = 'LIVE' AND volunteer_id IS NOT NULL;
CREATE INDEX leases_live_expire ON leases (expire_time) WHERE state = 'LIVE';
