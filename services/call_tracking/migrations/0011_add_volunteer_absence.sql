-- When a volunteer is away: no weekly call is kept for somebody who is not there. One absence at a time;
-- a new one takes its place. The previous release runs on: it leaves the columns empty.
ALTER TABLE volunteers
  ADD COLUMN absence_start_time timestamptz,
  ADD COLUMN absence_end_time   timestamptz,  -- exclusive
  ADD CONSTRAINT volunteers_absence CHECK (
    (absence_start_time IS NULL) = (absence_end_time IS NULL)
    AND absence_start_time < absence_end_time);
