-- Events become a chain: a rewrite by the database's owner shows. Waiting events stand in a
-- partition without any index, so that an act pays for one row and no more; a loop moves them, in
-- batches, to the partition that is read, giving each its place in its landlord's chain and a salt.
-- A batch holds a commitment per event (SHA-256 over salt and columns) and the head that follows
-- from them and from the head before. When their time is over the events of a batch are deleted,
-- salts with them: the commitments then tell nothing, and the chain still verifies.
--
-- `reason` says why somebody read outside their own work; `household_id` whose record it is when
-- the object is something else of theirs. The previous release runs on: it writes the columns it knows.
ALTER TABLE audit_events RENAME TO audit_events_before;
CREATE TABLE audit_events (
  landlord_id  uuid        NOT NULL,
  event_id     uuid        NOT NULL DEFAULT gen_random_uuid(),
  event_time   timestamptz NOT NULL DEFAULT now(),
  actor_role   text        NOT NULL,
  actor        text        NOT NULL,  -- the subject of the identity, e.g. an OIDC sub or a service
  method       text        NOT NULL,
  object_kind  text        NOT NULL,  -- "household", "referral", …
  object_id    uuid        NOT NULL,  -- of zeros when it is not known
  household_id uuid,
  purpose      text        NOT NULL,
  reason       text        NOT NULL DEFAULT '',
  outcome      text        NOT NULL,
  is_chained   boolean     NOT NULL DEFAULT false,
  sequence     bigint,                -- from 1 in each landlord's chain
  salt         uuid,                  -- 16 random bytes
  CONSTRAINT audit_events_place
    CHECK (is_chained = (sequence IS NOT NULL) AND is_chained = (salt IS NOT NULL))
) PARTITION BY LIST (is_chained);

-- Emptied again and again: vacuum often, so that a look at what waits stays short.
CREATE TABLE audit_events_waiting PARTITION OF audit_events FOR VALUES IN (false)
  WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 500,
        autovacuum_vacuum_cost_delay = 0);

CREATE TABLE audit_events_chained PARTITION OF audit_events FOR VALUES IN (true);
ALTER TABLE audit_events_chained
  ADD CONSTRAINT audit_events_chained_pk PRIMARY KEY (landlord_id, sequence);
CREATE INDEX audit_events_by_object ON audit_events_chained (landlord_id, object_id, event_time);
CREATE INDEX audit_events_by_household
  ON audit_events_chained (landlord_id, household_id, event_time)
  WHERE household_id IS NOT NULL;
CREATE INDEX audit_events_by_actor ON audit_events_chained (landlord_id, actor, event_time);
CREATE INDEX audit_events_by_time ON audit_events_chained (landlord_id, event_time);
CREATE INDEX audit_events_that_stand_out ON audit_events_chained (landlord_id, event_time)
  WHERE reason <> '' OR starts_with(outcome, 'denied');

INSERT INTO audit_events (landlord_id, event_id, event_time, actor_role, actor, method, object_kind,
                          object_id, purpose, outcome)
SELECT landlord_id, event_id, event_time, actor_role, actor, method, object_kind, object_id, purpose,
       outcome
FROM audit_events_before;
DROP TABLE audit_events_before;

-- The primary key is what keeps two replicas from continuing the same chain.
CREATE TABLE audit_batches (
  landlord_id    uuid        NOT NULL,
  batch          bigint      NOT NULL,  -- 1, 2, 3, … without gaps
  first_sequence bigint      NOT NULL,
  last_sequence  bigint      NOT NULL,
  newest_time    timestamptz NOT NULL,  -- of its events: erasure goes by it
  chain_time     timestamptz NOT NULL,
  commitments    bytea       NOT NULL,  -- 32 bytes for each event, in order
  head           bytea       NOT NULL,
  key_id         text        NOT NULL,  -- empty: the service has no key
  signature      bytea       NOT NULL,  -- empty likewise
  erase_time     timestamptz,           -- when its events were erased
  CONSTRAINT audit_batches_pk PRIMARY KEY (landlord_id, batch)
);
CREATE INDEX audit_batches_to_erase ON audit_batches (newest_time) WHERE erase_time IS NULL;
