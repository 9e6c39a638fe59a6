-- Facts on their way to another service, written in the transaction of the fact and delivered at
-- least once. A row is deleted when the receiver has answered; what waits is therefore always
-- short. The payload is sealed: it may hold a need and words of a tenant.
CREATE TABLE outbox (
  landlord_id   uuid        NOT NULL,
  message_id    uuid        NOT NULL,
  topic         text        NOT NULL,  -- "create-referral"
  subject_id    uuid        NOT NULL,  -- whom or what it is about, for the operator's view
  payload       bytea       NOT NULL,
  created_time  timestamptz NOT NULL DEFAULT now(),
  due_time      timestamptz NOT NULL,  -- the next try; while claimed, when the claim runs out
  tries         integer     NOT NULL DEFAULT 0,
  fence         bigint      NOT NULL DEFAULT 0,  -- grows with each claim
  CONSTRAINT outbox_pk PRIMARY KEY (landlord_id, message_id),
  CONSTRAINT outbox_tries CHECK (tries >= 0)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 500,
        autovacuum_vacuum_cost_delay = 0);
CREATE INDEX outbox_due ON outbox (due_time);

-- The facts that were taken in, so that each is taken once.
CREATE TABLE inbox (
  landlord_id   uuid        NOT NULL,
  topic         text        NOT NULL,
  message_key   uuid        NOT NULL,  -- the receiver's unique key: finding id, attempt id, …
  received_time timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT inbox_pk PRIMARY KEY (landlord_id, topic, message_key)
);
