-- Weekly calls: a household whose subject wants one is called on the same weekday, at the same time of
-- day, by the same volunteer, until the campaign ends. It waits in the queue like any other, FOLLOWED_UP:
-- its own volunteer may take it from own_time on and takes it before anything else; due_time, from which
-- anybody may, is later by the campaign's grace. One row per household: a week that is missed does not
-- pile up. The previous release runs on: to it a household that is followed up is not to be called.
ALTER TABLE cohort_households
  ADD COLUMN weekly_volunteer_id uuid,         -- whose weekly call it is; absent: there is none
  ADD COLUMN weekly_start_time   timestamptz,  -- when it was agreed to: its weekday and time of day
  ADD COLUMN kept_until          timestamptz,  -- of the weekly call that comes next, or is being made
  ADD CONSTRAINT cohort_households_weekly CHECK (
    (weekly_volunteer_id IS NULL) = (weekly_start_time IS NULL)
    AND (kept_until IS NULL OR weekly_volunteer_id IS NOT NULL)),
  ADD CONSTRAINT cohort_households_weekly_volunteer FOREIGN KEY (landlord_id, weekly_volunteer_id)
    REFERENCES volunteers (landlord_id, volunteer_id);
ALTER TABLE call_queue
  ADD COLUMN volunteer_id uuid,         -- whose weekly call it is
  ADD COLUMN own_time     timestamptz,  -- from when on that volunteer may take it
  ADD CONSTRAINT call_queue_own CHECK ((volunteer_id IS NULL) = (own_time IS NULL));
CREATE INDEX call_queue_of_volunteer ON call_queue (landlord_id, campaign_id, volunteer_id, own_time)
  WHERE volunteer_id IS NOT NULL;
-- For the promoter: weekly calls that are kept for somebody.
CREATE INDEX call_queue_kept ON call_queue (own_time) WHERE volunteer_id IS NOT NULL AND NOT is_due;

-- The order in which waiting households are called: smaller first.
CREATE FUNCTION call_priority(wait_reason text) RETURNS smallint
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN (CASE wait_reason WHEN 'APPOINTMENT' THEN 10 WHEN 'WEEKLY' THEN 10 WHEN 'RETRY' THEN 30
                           ELSE 20 END)::smallint;
