-- How long partners have to accept the cases that a campaign shares, where it says so itself: all three or
-- none. Like the other settings it never changes once the campaign has left DRAFT. The previous release
-- runs on, and creates campaigns that say nothing.
ALTER TABLE campaigns
  ADD COLUMN emergency_deadline_seconds integer,  -- by the clock
  ADD COLUMN priority_deadline_seconds  integer,  -- of working time
  ADD COLUMN routine_deadline_days      integer,  -- working days
  ADD CONSTRAINT campaigns_deadlines CHECK (
    num_nulls(emergency_deadline_seconds, priority_deadline_seconds, routine_deadline_days) IN (0, 3)
    AND emergency_deadline_seconds BETWEEN 60 AND 14400
    AND priority_deadline_seconds BETWEEN 900 AND 108000
    AND routine_deadline_days BETWEEN 1 AND 20);
