-- Who looked at or changed whose data, why, and how it ended. Appended in the transaction of the act.
-- No personal data: identifiers only. The chain over these rows comes with the audit trail.
CREATE TABLE audit_events (
  landlord_id  uuid        NOT NULL,
  event_id     uuid        NOT NULL DEFAULT gen_random_uuid(),
  event_time   timestamptz NOT NULL DEFAULT now(),
  actor_role   text        NOT NULL,
  actor        text        NOT NULL,  -- the subject of the identity, e.g. an OIDC sub or a service
  method       text        NOT NULL,
  object_kind  text        NOT NULL,  -- "household", "referral", …
  object_id    uuid        NOT NULL,
  purpose      text        NOT NULL,
  outcome      text        NOT NULL,
  CONSTRAINT audit_events_pk PRIMARY KEY (landlord_id, event_id)
);
CREATE INDEX audit_events_object ON audit_events (landlord_id, object_id, event_time);
