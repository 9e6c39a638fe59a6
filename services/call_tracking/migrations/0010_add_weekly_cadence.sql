-- How a campaign stays with tenants who want a call every week. Like the other settings it never changes
-- once the campaign has left DRAFT. The previous release runs on: the columns have defaults.
ALTER TABLE campaigns
  ADD COLUMN weekly_interval_days integer NOT NULL DEFAULT 7,     -- from one weekly call to the next
  ADD COLUMN weekly_grace_seconds bigint  NOT NULL DEFAULT 7200,  -- then others may take it
  ADD CONSTRAINT campaigns_weekly CHECK (weekly_interval_days BETWEEN 1 AND 28
                                         AND weekly_grace_seconds BETWEEN 0 AND 604800);
