-- Whoever watches referrals reads their history in an order in which nothing can appear behind what has
-- been read. A sequence has no such order: the number that was taken first may be committed last. The
-- number of the writing transaction has one as soon as every transaction below a horizon is over
-- (pg_snapshot_xmin): what lies below it is read, what lies above waits. A referral may be changed by
-- a transaction with a lower number than that of the change before, for it waited for the row: then it
-- takes that one's, so that the versions of one referral keep their order.
--
-- After a restore into another cluster, which counts its transactions anew:
--   UPDATE referral_events SET change_xid = '0';
-- and resume tokens from before mean nothing. The previous release runs on it.
ALTER TABLE referral_events ADD COLUMN change_xid xid8 NOT NULL DEFAULT '0';

CREATE FUNCTION order_referral_change() RETURNS trigger
  LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  new.change_xid := greatest(pg_current_xact_id(), (
    SELECT e.change_xid FROM referral_events AS e
    WHERE e.landlord_id = new.landlord_id AND e.referral_id = new.referral_id
      AND e.version = new.version - 1));
  RETURN new;
END $$;
CREATE TRIGGER order_referral_change BEFORE INSERT ON referral_events
  FOR EACH ROW EXECUTE FUNCTION order_referral_change();

CREATE INDEX referral_events_in_order ON referral_events
  (landlord_id, change_xid, referral_id, version);
