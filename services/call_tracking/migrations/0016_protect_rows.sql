-- The second wall (see the common migration of the same name), and the functions of the promoter, which
-- cross it. The release before runs on it where it connects as a superuser.
SELECT veille_protect(t) FROM unnest(ARRAY['scripts', 'volunteers', 'campaigns', 'campaign_call_hours',
  'campaign_retry_rules', 'campaign_zones', 'campaign_figures', 'cohort_households', 'cohort_subjects',
  'cohort_left_out', 'call_queue', 'leases', 'attempts', 'answers', 'agreements', 'findings',
  'late_records', 'household_changes', 'decisions']::regclass[]) AS t;

-- How many rows became due. By ctid, which stays while the row is locked: a join would read the whole
-- queue.
CREATE FUNCTION promote_due(now timestamptz, most integer) RETURNS bigint
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  promoted bigint;
BEGIN
  UPDATE call_queue SET is_due = true
  WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM call_queue
    WHERE NOT is_due AND due_time <= now
    ORDER BY due_time LIMIT most FOR UPDATE SKIP LOCKED));
  GET DIAGNOSTICS promoted = ROW_COUNT;
  RETURN promoted;
END $$;

-- How many weekly calls whose own volunteer is away became everybody's.
CREATE FUNCTION promote_unkept(now timestamptz, most integer) RETURNS bigint
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  promoted bigint;
BEGIN
  UPDATE call_queue SET is_due = true
  WHERE ctid = ANY (ARRAY(
    SELECT q.ctid FROM call_queue AS q
    JOIN volunteers AS v ON v.landlord_id = q.landlord_id AND v.volunteer_id = q.volunteer_id
    WHERE q.volunteer_id IS NOT NULL AND NOT q.is_due AND q.own_time <= now
      AND (v.state = 'LEFT' OR (v.absence_start_time <= now AND now < v.absence_end_time))
    ORDER BY q.own_time LIMIT most FOR UPDATE OF q SKIP LOCKED));
  GET DIAGNOSTICS promoted = ROW_COUNT;
  RETURN promoted;
END $$;

-- The zones of running campaigns whose span of call hours has passed.
CREATE FUNCTION find_passed_zones(now timestamptz, most integer)
  RETURNS TABLE (landlord_id uuid, campaign_id uuid, time_zone text, start_time timestamptz,
                 end_time timestamptz, call_hours text[])
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
  SELECT z.landlord_id, z.campaign_id, z.time_zone, c.start_time, c.end_time,
         ARRAY(SELECT w.weekday || ' ' || w.start_minute || ' ' || w.end_minute
               FROM campaign_call_hours AS w
               WHERE w.landlord_id = z.landlord_id AND w.campaign_id = z.campaign_id
               ORDER BY w.weekday, w.start_minute)
  FROM campaign_zones AS z
  JOIN campaigns AS c ON c.landlord_id = z.landlord_id AND c.campaign_id = z.campaign_id
  WHERE z.open_until <= now AND now < c.end_time AND c.state <> 'CLOSED'
  ORDER BY z.open_until LIMIT most;
END $$;

-- How many leases that had run out were ended. Their households are to be called again.
CREATE FUNCTION end_expired_leases(most integer) RETURNS bigint
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  result bigint;
BEGIN
  WITH over AS MATERIALIZED (
    SELECT landlord_id, lease_id FROM leases
    WHERE state = 'LIVE' AND expire_time <= veille_now()
    ORDER BY expire_time LIMIT most FOR UPDATE SKIP LOCKED
  ), ended AS (
    UPDATE leases AS l SET state = 'EXPIRED', end_time = veille_now()
    FROM over AS o
    WHERE l.landlord_id = o.landlord_id AND l.lease_id = o.lease_id
    RETURNING l.landlord_id, l.campaign_id, l.household_id, l.fence
  ), returned AS (
    UPDATE cohort_households AS h
    SET state = CASE WHEN h.decision_reason IS NOT NULL THEN 'NEEDS_DECISION'
                     WHEN h.wait_reason = 'WEEKLY' THEN 'FOLLOWED_UP' ELSE 'PENDING' END,
        settled_state = CASE WHEN h.decision_reason IS NULL THEN NULL
                             WHEN h.wait_reason = 'WEEKLY' THEN 'FOLLOWED_UP' ELSE 'PENDING' END,
        next_attempt_time = veille_now()
    FROM ended AS e
    WHERE h.landlord_id = e.landlord_id AND h.campaign_id = e.campaign_id
      AND h.household_id = e.household_id AND h.fence = e.fence AND h.state = 'LEASED'
    RETURNING h.landlord_id, h.campaign_id, h.household_id, h.time_zone, h.phone_hash, h.state,
              h.wait_reason, h.next_attempt_time, h.kept_until, h.weekly_volunteer_id
  ), queued AS (
    INSERT INTO call_queue (landlord_id, campaign_id, household_id, time_zone, phone_hash, priority,
                            due_time, is_due, volunteer_id, own_time)
    SELECT landlord_id, campaign_id, household_id, time_zone, phone_hash,
           call_priority(wait_reason), greatest(next_attempt_time, kept_until),
           kept_until IS NULL OR kept_until <= veille_now(),
           CASE WHEN kept_until IS NOT NULL THEN weekly_volunteer_id END,
           CASE WHEN kept_until IS NOT NULL THEN '-infinity'::timestamptz END
    FROM returned WHERE phone_hash IS NOT NULL AND state <> 'NEEDS_DECISION'
  )
  SELECT count(*) INTO result FROM ended;
  RETURN result;
END $$;

-- Figures of the installation, for its operator: counts and ages, of nobody.
CREATE FUNCTION count_live_leases() RETURNS bigint
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT count(*) FROM leases WHERE state = 'LIVE' AND expire_time > veille_now()
$$;

-- A finding waits since it was found, or since its referral ended. IS TRUE keeps the late records
-- of a household to the index of its own: the one of all that are open has them by campaign.
CREATE FUNCTION count_households_to_decide()
  RETURNS TABLE (decision_reason text, households bigint, oldest double precision)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT h.decision_reason, count(*),
         coalesce(extract(epoch FROM veille_now() - min(s.since)), 0)::float8
  FROM cohort_households AS h
  LEFT JOIN LATERAL (
    SELECT min(w.since) AS since FROM (
      SELECT coalesce(f.referral_time, f.find_time) AS since FROM findings AS f
      WHERE f.landlord_id = h.landlord_id AND f.campaign_id = h.campaign_id
        AND f.household_id = h.household_id AND f.decision_reason IS NOT NULL
      UNION ALL
      SELECT l.record_time FROM late_records AS l
      WHERE l.landlord_id = h.landlord_id AND l.campaign_id = h.campaign_id
        AND l.household_id = h.household_id AND (l.review_time IS NULL) IS TRUE) AS w) AS s ON true
  WHERE h.decision_reason IS NOT NULL
  GROUP BY h.decision_reason
$$;

-- The running campaign that follows the one that is named: the census goes through all.
CREATE FUNCTION find_next_running_campaign(after_landlord uuid, after_campaign uuid)
  RETURNS TABLE (landlord_id uuid, campaign_id uuid)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT landlord_id, campaign_id FROM campaigns
  WHERE state = 'RUNNING' AND (landlord_id, campaign_id) > (after_landlord, after_campaign)
  ORDER BY landlord_id, campaign_id LIMIT 1
$$;
