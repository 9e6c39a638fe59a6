-- A deadline for acceptance that passes has consequences, one after the other: each assignment
-- remembers which it has had, so that none comes twice, whoever looks, and after any crash. The
-- index is the queue of the clock: it holds only what waits for an acceptance. The previous release
-- runs on it.
ALTER TABLE assignments
  ADD COLUMN overdue_step smallint NOT NULL DEFAULT 0,  -- OverdueStep
  ADD CONSTRAINT assignments_overdue_step CHECK (overdue_step BETWEEN 0 AND 2);
CREATE INDEX referrals_unaccepted ON referrals (acknowledge_deadline, referral_id)
  WHERE state IN (1, 2) AND open_fence > 0;
