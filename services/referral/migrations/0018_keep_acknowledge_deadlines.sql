-- How long partners have to accept a referral, where its campaign said so when it was created: the
-- referral keeps it for each of its assignments. All three or none, which means the service's own. The
-- previous release (which 0017 does not bear) creates none, and gives each deadline by the service's own.
ALTER TABLE referrals
  ADD COLUMN emergency_deadline_seconds integer,  -- by the clock
  ADD COLUMN priority_deadline_seconds  integer,  -- of working time
  ADD COLUMN routine_deadline_days      integer,  -- working days
  ADD CONSTRAINT referrals_deadlines CHECK (
    num_nulls(emergency_deadline_seconds, priority_deadline_seconds, routine_deadline_days) IN (0, 3)
    AND emergency_deadline_seconds > 0 AND priority_deadline_seconds > 0
    AND routine_deadline_days > 0);
