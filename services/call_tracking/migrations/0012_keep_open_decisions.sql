-- A decision may come while somebody holds the household: it must not be lost to the record that
-- follows. So a leased household has a reason too, and becomes NEEDS_DECISION when its lease ends; and
-- one that waits for a decision remembers where it stood, to go on from there.
--
-- A late record's findings stand like any others, for the coordinator: their attempt is in
-- late_records, hence no foreign key to attempts. NOT_SENDABLE is a need that its subject agreed to
-- share and that the referral service, or the register, refuses for good: it has a basis to be shared,
-- and is not.
--
-- The previous release runs on: it leaves settled_state empty, and where it stood follows from
-- next_attempt_time as before.
ALTER TABLE cohort_households
  ADD COLUMN settled_state text,  -- NEEDS_DECISION: where it stands once nothing waits any more
  ADD CONSTRAINT cohort_households_settled_state CHECK (settled_state IS NULL
    OR (settled_state IN ('PENDING', 'DONE', 'FOLLOWED_UP', 'CLOSED') AND state = 'NEEDS_DECISION')),
  DROP CONSTRAINT cohort_households_decision,
  ADD CONSTRAINT cohort_households_decision CHECK (
    (state <> 'NEEDS_DECISION' OR decision_reason IS NOT NULL)
    AND (decision_reason IS NULL OR state IN ('NEEDS_DECISION', 'LEASED'))
    AND decision_reason IN ('NOT_AGREED', 'NOT_COVERED', 'REFERRAL_ENDED', 'EMERGENCY',
                            'LATE_RECORD', 'NOT_SENDABLE'));
ALTER TABLE findings
  DROP CONSTRAINT findings_attempt,
  DROP CONSTRAINT findings_shared,
  ADD CONSTRAINT findings_shared CHECK (NOT shared OR (sharing_basis IS NOT NULL AND kind = 'NEED')),
  DROP CONSTRAINT findings_decision_reason,
  ADD CONSTRAINT findings_decision_reason CHECK (decision_reason IN
    ('NOT_AGREED', 'NOT_COVERED', 'REFERRAL_ENDED', 'EMERGENCY', 'LATE_RECORD', 'NOT_SENDABLE'));
-- What waits for a coordinator, by campaign.
CREATE INDEX cohort_households_to_decide ON cohort_households (landlord_id, campaign_id, household_id)
  WHERE decision_reason IS NOT NULL;

-- What a coordinator decided, about what, and why: one row per act.
CREATE TABLE decisions (
  landlord_id  uuid        NOT NULL,
  decision_id  uuid        NOT NULL,  -- the request's id
  campaign_id  uuid        NOT NULL,
  household_id uuid        NOT NULL,
  reason       text        NOT NULL,  -- the most pressing of those that waited
  decider      text        NOT NULL,  -- who, as in the credentials
  note         bytea       NOT NULL,  -- sealed
  decide_time  timestamptz NOT NULL,
  CONSTRAINT decisions_pk PRIMARY KEY (landlord_id, decision_id),
  CONSTRAINT decisions_household FOREIGN KEY (landlord_id, campaign_id, household_id)
    REFERENCES cohort_households (landlord_id, campaign_id, household_id)
);
CREATE INDEX decisions_of_household ON decisions (landlord_id, campaign_id, household_id, decide_time);
