-- One referral given to one partner. First schema: no earlier release. A superseded assignment keeps
-- its row, so that a late answer of its partner is recognised.
CREATE TABLE assignments (
  landlord_id    uuid        NOT NULL,
  referral_id    uuid        NOT NULL,
  fence          bigint      NOT NULL,  -- 1, 2, 3, …: counts the assignments of the referral
  assignment_id  uuid        NOT NULL,
  partner_id     uuid        NOT NULL,
  state          smallint    NOT NULL,  -- AssignmentState
  assigned_time  timestamptz NOT NULL,
  received_time  timestamptz,
  accepted_time  timestamptz,
  ended_time     timestamptz,
  decline_reason smallint    NOT NULL DEFAULT 0,
  note           bytea       NOT NULL DEFAULT '',  -- sealed; '' when there is none
  CONSTRAINT assignments_pk PRIMARY KEY (landlord_id, referral_id, fence),
  CONSTRAINT assignments_id UNIQUE (landlord_id, assignment_id),
  CONSTRAINT assignments_referral FOREIGN KEY (landlord_id, referral_id) REFERENCES referrals,
  CONSTRAINT assignments_partner FOREIGN KEY (landlord_id, partner_id) REFERENCES partners,
  CONSTRAINT assignments_fence CHECK (fence > 0),
  CONSTRAINT assignments_state CHECK (state BETWEEN 1 AND 4),
  CONSTRAINT assignments_open_has_not_ended CHECK ((state = 1) = (ended_time IS NULL)),
  CONSTRAINT assignments_accepted_is_received
    CHECK (accepted_time IS NULL OR received_time IS NOT NULL),
  CONSTRAINT assignments_completed_was_accepted CHECK (state <> 2 OR accepted_time IS NOT NULL),
  CONSTRAINT assignments_declined_has_reason CHECK ((state = 3) = (decline_reason > 0))
);
CREATE UNIQUE INDEX assignments_one_open ON assignments (landlord_id, referral_id) WHERE state = 1;
CREATE INDEX assignments_of_partner ON assignments (landlord_id, partner_id, assignment_id);
