-- The queue of pushes: one delivery per assignment, with all its tries. First schema: no earlier
-- release. Narrow, and vacuumed often: dead entries at the head of the index of what is due slow
-- every claim down.
--
-- WITHDRAWN (5) is one state more than the design's four: an assignment that ended before its push
-- leaves a delivery that must not go out, and a row that says so tells more than a row that is gone.
CREATE TABLE deliveries (
  landlord_id      uuid        NOT NULL,
  delivery_id      uuid        NOT NULL,
  referral_id      uuid        NOT NULL,
  assignment_fence bigint      NOT NULL,
  state            smallint    NOT NULL,  -- 1 DUE, 2 SENDING, 3 DELIVERED, 4 PARKED, 5 WITHDRAWN
  due_time         timestamptz NOT NULL,  -- the next try; while SENDING, when the claim runs out
  fence            bigint      NOT NULL DEFAULT 0,  -- grows with each claim
  tries            integer     NOT NULL DEFAULT 0,
  receipt_number   text        NOT NULL DEFAULT '',  -- the partner's own
  CONSTRAINT deliveries_pk PRIMARY KEY (landlord_id, delivery_id),
  CONSTRAINT deliveries_one_per_assignment UNIQUE (landlord_id, referral_id, assignment_fence),
  CONSTRAINT deliveries_assignment FOREIGN KEY (landlord_id, referral_id, assignment_fence)
    REFERENCES assignments,
  CONSTRAINT deliveries_state CHECK (state BETWEEN 1 AND 5),
  CONSTRAINT deliveries_sending_is_claimed CHECK (state <> 2 OR fence > 0),
  CONSTRAINT deliveries_tries CHECK (tries >= 0)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 500,
        autovacuum_vacuum_cost_delay = 0);
CREATE INDEX deliveries_due ON deliveries (due_time) WHERE state IN (1, 2);
