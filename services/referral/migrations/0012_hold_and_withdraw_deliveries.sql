-- A partner whose machine is down, asked for a pause, was paused by a coordinator or has no inbox any
-- more is left alone as a whole: partner_rests says until when, for all engines. One that was failing
-- is tried with a single push when its rest is over, and the row goes when that push has arrived.
-- The table holds only partners with a trouble, so a claim reads it once and passes over theirs.
--
-- What waits for a partner that rests is put off with it (due_time), so that no claim looks at it
-- again and again; 'infinity' where nobody knows until when.
--
-- A partner that may have heard of a referral that it has no more is told so: its delivery goes out
-- once more as a withdrawal, under the same id. And a coordinator can say whether a partner takes more.
-- The previous release cannot claim deliveries any more.
CREATE TABLE partner_rests (
  landlord_id uuid        NOT NULL,
  partner_id  uuid        NOT NULL,
  until       timestamptz NOT NULL,
  failures    integer     NOT NULL,  -- pushes that ended a rest in vain, one after the other
  CONSTRAINT partner_rests_pk PRIMARY KEY (landlord_id, partner_id),
  CONSTRAINT partner_rests_partner FOREIGN KEY (landlord_id, partner_id) REFERENCES partners,
  CONSTRAINT partner_rests_failures CHECK (failures >= 0)
);
SELECT veille_protect('partner_rests');

ALTER TABLE deliveries ADD COLUMN is_withdrawal boolean NOT NULL DEFAULT false;
CREATE INDEX deliveries_waiting ON deliveries (landlord_id, partner_id) WHERE state IN (1, 4);

ALTER TABLE partners
  ADD COLUMN suspension smallint NOT NULL DEFAULT 0,  -- PartnerSuspension
  ADD COLUMN intake     smallint NOT NULL DEFAULT 1,  -- PartnerIntake
  ADD CONSTRAINT partners_suspension CHECK (suspension BETWEEN 0 AND 2),
  ADD CONSTRAINT partners_suspended_for_a_reason CHECK (suspension = 0 OR state = 2),
  ADD CONSTRAINT partners_intake CHECK (intake BETWEEN 1 AND 3);

-- Why a coordinator withdrew it.
ALTER TABLE referrals ADD COLUMN withdrawal_note bytea NOT NULL DEFAULT '';  -- sealed

ALTER TABLE worklist_items
  DROP CONSTRAINT worklist_items_reason,
  ADD CONSTRAINT worklist_items_reason CHECK (reason BETWEEN 1 AND 8);

-- Of a partner that rests nothing is claimed; of one whose rest is over a single delivery, which
-- lengthens the rest until it must have ended, so that no other engine probes too. `limited_partners`
-- get at most `limits` each, the others `most_per_partner`.
DROP FUNCTION claim_deliveries(integer, integer, uuid[], bigint);
CREATE FUNCTION claim_deliveries(most integer, most_per_partner integer, limited_partners uuid[],
                                 limits integer[], hold_milliseconds bigint,
                                 probe_milliseconds bigint)
  RETURNS TABLE (landlord_id uuid, delivery_id uuid, is_probe boolean)
  LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE
  except_partners uuid[];
BEGIN
  except_partners := ARRAY(SELECT l.partner_id FROM unnest(limited_partners, limits) AS l (partner_id, most)
                           WHERE l.most <= 0);
  RETURN QUERY
  WITH rested AS MATERIALIZED (
    SELECT landlord_id, partner_id FROM partner_rests
    WHERE until <= veille_now() FOR UPDATE SKIP LOCKED),
  due AS MATERIALIZED (
    SELECT landlord_id, delivery_id, partner_id, due_time FROM deliveries
    WHERE state IN (1, 2) AND due_time <= veille_now() AND partner_id <> ALL (except_partners)
      AND (landlord_id, partner_id) NOT IN (
        SELECT landlord_id, partner_id FROM partner_rests
        EXCEPT SELECT landlord_id, partner_id FROM rested)
    ORDER BY due_time FOR UPDATE SKIP LOCKED LIMIT most),
  claimed AS MATERIALIZED (
    SELECT p.landlord_id, p.delivery_id, p.partner_id, r.partner_id IS NOT NULL AS is_probe
    FROM (SELECT landlord_id, delivery_id, partner_id,
                 row_number() OVER (PARTITION BY partner_id ORDER BY due_time) AS place
          FROM due) AS p
    LEFT JOIN rested AS r ON r.landlord_id = p.landlord_id AND r.partner_id = p.partner_id
    LEFT JOIN unnest(limited_partners, limits) AS l (partner_id, most) ON l.partner_id = p.partner_id
    WHERE p.place <= CASE WHEN r.partner_id IS NOT NULL THEN 1 ELSE coalesce(l.most, most_per_partner) END),
  probed AS (
    UPDATE partner_rests AS r
    SET until = veille_now() + probe_milliseconds * interval '1 millisecond'
    FROM claimed AS c
    WHERE c.is_probe AND r.landlord_id = c.landlord_id AND r.partner_id = c.partner_id)
  UPDATE deliveries AS d
  SET state = 2, fence = d.fence + 1, tries = d.tries + 1,
      due_time = veille_now() + hold_milliseconds * interval '1 millisecond'
  FROM claimed AS c
  WHERE d.landlord_id = c.landlord_id AND d.delivery_id = c.delivery_id
  RETURNING d.landlord_id, d.delivery_id, c.is_probe;
END $$;

-- What is put off is not late.
CREATE OR REPLACE FUNCTION count_open_deliveries(OUT due bigint, OUT sending bigint, OUT parked bigint,
                                                 OUT latest double precision)
  LANGUAGE sql STABLE SECURITY DEFINER
  SET search_path = public, pg_temp AS $$
  SELECT count(*) FILTER (WHERE state = 1), count(*) FILTER (WHERE state = 2),
         (SELECT count(*) FROM deliveries WHERE state = 4),
         coalesce(extract(epoch FROM veille_now() - min(due_time)
                            FILTER (WHERE state = 1 AND due_time <= veille_now())), 0)::float8
  FROM deliveries WHERE state IN (1, 2)
$$;
