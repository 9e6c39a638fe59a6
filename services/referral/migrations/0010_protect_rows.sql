-- The second wall (see the common migration of the same name), and the functions of the queues, which
-- cross it. The release before runs on it where it connects as a superuser.
SELECT veille_protect(t) FROM unnest(ARRAY['partners', 'partner_coverage', 'partner_loads', 'referrals',
  'merged_findings', 'referral_events', 'assignments', 'deliveries', 'worklist_items',
  'partner_answers']::regclass[]) AS t;

-- Which deliveries are claimed. What is in them the engine reads afterwards, for their landlords
-- alone: no case crosses.
CREATE FUNCTION claim_deliveries(most integer, most_per_partner integer, except_partners uuid[],
                                 hold_milliseconds bigint)
  RETURNS TABLE (landlord_id uuid, delivery_id uuid)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
  WITH due AS MATERIALIZED (
    SELECT landlord_id, delivery_id, partner_id, due_time FROM deliveries
    WHERE state IN (1, 2) AND due_time <= veille_now() AND partner_id <> ALL (except_partners)
    ORDER BY due_time FOR UPDATE SKIP LOCKED LIMIT most),
  claimed AS MATERIALIZED (
    SELECT landlord_id, delivery_id
    FROM (SELECT landlord_id, delivery_id,
                 row_number() OVER (PARTITION BY partner_id ORDER BY due_time) AS place
          FROM due) AS placed
    WHERE place <= most_per_partner)
  UPDATE deliveries AS d
  SET state = 2, fence = d.fence + 1, tries = d.tries + 1,
      due_time = veille_now() + hold_milliseconds * interval '1 millisecond'
  FROM claimed AS c
  WHERE d.landlord_id = c.landlord_id AND d.delivery_id = c.delivery_id
  RETURNING d.landlord_id, d.delivery_id;
END $$;

-- The next referrals that nobody accepted in time, after the one that is named.
CREATE FUNCTION list_overdue_referrals(after_deadline timestamptz, after_referral uuid, most integer)
  RETURNS TABLE (landlord_id uuid, referral_id uuid, open_fence bigint,
                 acknowledge_deadline timestamptz)
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
  SELECT landlord_id, referral_id, open_fence, acknowledge_deadline
  FROM referrals
  WHERE state IN (1, 2) AND open_fence > 0 AND acknowledge_deadline <= veille_now()
    AND (acknowledge_deadline, referral_id) > (after_deadline, after_referral)
  ORDER BY acknowledge_deadline, referral_id LIMIT most;
END $$;

-- Figures of the installation, for its operator: counts and ages, of nobody.
CREATE FUNCTION count_open_referrals()
  RETURNS TABLE (state smallint, urgency smallint, referrals bigint, oldest double precision)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT state, urgency, count(*), extract(epoch FROM veille_now() - min(created_time))::float8
  FROM referrals WHERE state NOT IN (5, 7) GROUP BY state, urgency
$$;

CREATE FUNCTION longest_overdue() RETURNS double precision
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT coalesce(extract(epoch FROM veille_now() - min(acknowledge_deadline)), 0)::float8
  FROM referrals WHERE state IN (1, 2) AND open_fence > 0
$$;

CREATE FUNCTION count_open_items()
  RETURNS TABLE (reason smallint, urgency smallint, items bigint, oldest double precision)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT reason, urgency, count(*), extract(epoch FROM veille_now() - min(created_time))::float8
  FROM worklist_items WHERE state = 1 GROUP BY reason, urgency
$$;

CREATE FUNCTION count_open_deliveries(OUT due bigint, OUT sending bigint, OUT parked bigint,
                                      OUT latest double precision)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT count(*) FILTER (WHERE state = 1), count(*) FILTER (WHERE state = 2),
         (SELECT count(*) FROM deliveries WHERE state = 4),
         coalesce(extract(epoch FROM veille_now() - min(due_time) FILTER (WHERE state = 1)),
                  0)::float8
  FROM deliveries WHERE state IN (1, 2)
$$;
