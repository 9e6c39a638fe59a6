-- The operator watches, every few seconds and over all landlords, what is open: referrals by state and
-- urgency with the oldest of each, and deliveries that a person must put right. Both indexes hold only
-- what is open, so that counting it costs the same however much has been done. The previous release
-- runs on it.
CREATE INDEX referrals_open ON referrals (state, urgency, created_time) WHERE state NOT IN (5, 7);
CREATE INDEX deliveries_parked ON deliveries (due_time) WHERE state = 4;
