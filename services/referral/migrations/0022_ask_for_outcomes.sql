-- Who has accepted a referral and says nothing more is asked what became of it: when, each referral knows.
-- '-infinity' is of one that the clock has still to reckon it for, and so is that of all that a previous
-- release moves, which runs on this. The index is the queue of the clock: what a partner is at.
ALTER TABLE referrals ADD COLUMN outcome_deadline timestamptz NOT NULL DEFAULT '-infinity';
CREATE INDEX referrals_unended ON referrals (outcome_deadline, referral_id)
  WHERE state IN (3, 4) AND open_fence > 0;

ALTER TABLE worklist_items
  DROP CONSTRAINT worklist_items_reason,
  ADD CONSTRAINT worklist_items_reason CHECK (reason BETWEEN 1 AND 9);

-- Each half by its index, both in one order.
DROP FUNCTION list_overdue_referrals(timestamptz, uuid, integer);
CREATE FUNCTION list_overdue_referrals(after_deadline timestamptz, after_referral uuid, most integer)
  RETURNS TABLE (landlord_id uuid, referral_id uuid, open_fence bigint, deadline timestamptz,
                 acknowledge_deadline timestamptz)  -- the same; as the previous release knows it
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
  SELECT o.landlord_id, o.referral_id, o.open_fence, o.deadline, o.deadline
  FROM (
    (SELECT landlord_id, referral_id, open_fence, acknowledge_deadline AS deadline
     FROM referrals
     WHERE state IN (1, 2) AND open_fence > 0 AND acknowledge_deadline <= veille_now()
       AND (acknowledge_deadline, referral_id) > (after_deadline, after_referral)
     ORDER BY acknowledge_deadline, referral_id LIMIT most)
    UNION ALL
    (SELECT landlord_id, referral_id, open_fence, outcome_deadline
     FROM referrals
     WHERE state IN (3, 4) AND open_fence > 0 AND outcome_deadline <= veille_now()
       AND (outcome_deadline, referral_id) > (after_deadline, after_referral)
     ORDER BY outcome_deadline, referral_id LIMIT most)) AS o
  ORDER BY o.deadline, o.referral_id LIMIT most;
END $$;
