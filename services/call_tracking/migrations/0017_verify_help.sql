-- The loop closes with the person: when a partner says that it has helped, the tenant is asked whether
-- the help came. A household that is done waits once more (wait_reason VERIFICATION), for a while only
-- for the volunteer who flagged the case; one that is called anyway carries the question into its next
-- call. to_verify counts the outcomes that its tenants are still to be asked about, and changes only
-- with the household locked.
--
-- A finding knows whose call it came of: that volunteer is shown what became of it.
--
-- The previous release runs on: it leaves the new columns alone, and calls a household that waits for
-- VERIFICATION like any other.
ALTER TABLE cohort_households
  ADD COLUMN to_verify integer NOT NULL DEFAULT 0,
  ADD CONSTRAINT cohort_households_to_verify CHECK (to_verify >= 0),
  DROP CONSTRAINT cohort_households_wait_reason,
  ADD CONSTRAINT cohort_households_wait_reason CHECK (wait_reason IN
    ('FIRST', 'RETRY', 'APPOINTMENT', 'WEEKLY', 'EXHAUSTED', 'NO_NUMBER_LEFT', 'VERIFICATION')),
  DROP CONSTRAINT cohort_households_decision,
  ADD CONSTRAINT cohort_households_decision CHECK (
    (state <> 'NEEDS_DECISION' OR decision_reason IS NOT NULL)
    AND (decision_reason IS NULL OR state IN ('NEEDS_DECISION', 'LEASED'))
    AND decision_reason IN ('NOT_AGREED', 'NOT_COVERED', 'REFERRAL_ENDED', 'EMERGENCY', 'LATE_RECORD',
                            'NOT_SENDABLE', 'HELP_DID_NOT_COME', 'NOT_VERIFIED'));
ALTER TABLE findings
  ADD COLUMN volunteer_id uuid,   -- whose call it came of
  ADD COLUMN verification text,   -- OPEN: the tenant is to be asked; ASKED: has been
  ADD COLUMN came bytea,          -- sealed; of ASKED: what the tenant said
  ADD CONSTRAINT findings_verification CHECK (verification IN ('OPEN', 'ASKED')
    AND (verification = 'ASKED') = (came IS NOT NULL)),
  ADD CONSTRAINT findings_came CHECK (came IS NULL OR verification IS NOT NULL),
  DROP CONSTRAINT findings_decision_reason,
  ADD CONSTRAINT findings_decision_reason CHECK (decision_reason IN
    ('NOT_AGREED', 'NOT_COVERED', 'REFERRAL_ENDED', 'EMERGENCY', 'LATE_RECORD', 'NOT_SENDABLE',
     'HELP_DID_NOT_COME', 'NOT_VERIFIED'));
UPDATE findings AS f SET volunteer_id = coalesce(
  (SELECT a.volunteer_id FROM attempts AS a
   WHERE a.landlord_id = f.landlord_id AND a.attempt_id = f.attempt_id),
  (SELECT l.volunteer_id FROM late_records AS l
   WHERE l.landlord_id = f.landlord_id AND l.attempt_id = f.attempt_id));
-- What a volunteer's calls flagged, the newest first.
CREATE INDEX findings_of_volunteer ON findings
  (landlord_id, campaign_id, volunteer_id, find_time DESC, finding_id DESC) WHERE kind = 'NEED';

-- Somebody who may still be without help comes before first calls.
CREATE OR REPLACE FUNCTION call_priority(wait_reason text) RETURNS smallint
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN (CASE wait_reason WHEN 'APPOINTMENT' THEN 10 WHEN 'WEEKLY' THEN 10 WHEN 'VERIFICATION' THEN 15
                           WHEN 'RETRY' THEN 30 ELSE 20 END)::smallint;
