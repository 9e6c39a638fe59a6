-- A second wall between landlords, under the statements: what a transaction reads and writes is of
-- the landlords that it names first, in the setting `veille.landlords`, whatever a statement forgot.
-- The role that serves cannot take it down: it owns nothing. The previous release runs on only
-- where it connects as a superuser, whom no wall stops.

-- Of this transaction; null, and with it no row at all, where none was named.
CREATE FUNCTION veille_landlords() RETURNS uuid[]
  LANGUAGE sql STABLE PARALLEL SAFE
  RETURN nullif(current_setting('veille.landlords', true), '')::uuid[];

-- Each table with a landlord is given to this function by the migration that creates it.
--
-- nullif(…) IS NOT NULL: true where it is true, and taken by the planner for what it is, a
-- condition that nearly always holds. As a plain `= ANY` it would enter the index conditions, each
-- probe once for each landlord of a batch, and make every estimate ten times too small.
--
-- The owner is held back too, by FORCE: it works for all landlords in its functions, when another
-- role calls them, and elsewhere only where it says so, as `migrate` does. That setting is of no use
-- to any other role.
CREATE FUNCTION veille_protect(protected regclass) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', protected);
  EXECUTE format('CREATE POLICY landlords ON %s USING (nullif(landlord_id = '
                 'ANY ((SELECT veille_landlords())::uuid[]), false) IS NOT NULL)', protected);
  EXECUTE format('CREATE POLICY every_landlord ON %s TO CURRENT_USER USING '
                 '((SELECT session_user <> current_user '
                 'OR current_setting(''veille.every_landlord'', true) = ''on''))', protected);
END $$;

SELECT veille_protect('requests');
SELECT veille_protect('outbox');
SELECT veille_protect('inbox');
SELECT veille_protect('audit_events');
SELECT veille_protect('audit_events_waiting');
SELECT veille_protect('audit_events_chained');
SELECT veille_protect('audit_batches');

-- What crosses landlords: one function for each queue, and the figures of the installation. Each
-- brings its own search path, so that no name in it can be made to mean something else.
CREATE FUNCTION claim_messages(most integer, hold_milliseconds bigint) RETURNS SETOF outbox
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  RETURN QUERY
  WITH claimed AS MATERIALIZED (
    SELECT landlord_id, message_id FROM outbox
    WHERE due_time <= veille_now()
    ORDER BY due_time FOR UPDATE SKIP LOCKED LIMIT most)
  UPDATE outbox AS o
  SET due_time = veille_now() + hold_milliseconds * interval '1 millisecond', fence = o.fence + 1,
      tries = o.tries + 1
  FROM claimed AS c
  WHERE o.landlord_id = c.landlord_id AND o.message_id = c.message_id
  RETURNING o.*;
END $$;

CREATE FUNCTION count_messages(OUT waiting bigint, OUT oldest_seconds bigint)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT count(*), coalesce(extract(epoch FROM veille_now() - min(created_time)), 0)::bigint
  FROM outbox
$$;

CREATE FUNCTION take_waiting_audit_events(most integer) RETURNS SETOF audit_events
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  RETURN QUERY
  DELETE FROM audit_events
  WHERE NOT is_chained
    AND ctid = ANY (ARRAY(SELECT ctid FROM audit_events WHERE NOT is_chained LIMIT most))
  RETURNING audit_events.*;
END $$;

-- Looks at `most` at most: a figure must not cost more the longer nobody comes.
CREATE FUNCTION count_waiting_audit_events(most integer, OUT events bigint,
                                           OUT oldest_seconds double precision)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT count(*), coalesce(extract(epoch FROM veille_now() - min(w.event_time)), 0)::float8
  FROM (SELECT event_time FROM audit_events WHERE NOT is_chained LIMIT most) AS w
$$;

-- Erases the events of `most` batches that are past their time; how many of whose.
CREATE FUNCTION erase_audit_batches(keep_seconds bigint, most integer)
  RETURNS TABLE (landlord_id uuid, events bigint)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
  WITH past AS MATERIALIZED (
    SELECT landlord_id, batch, first_sequence, last_sequence
    FROM audit_batches
    WHERE erase_time IS NULL AND newest_time < veille_now() - keep_seconds * interval '1 second'
    ORDER BY newest_time LIMIT most),
  erased AS (
    DELETE FROM audit_events AS e USING past AS p
    WHERE e.is_chained AND e.landlord_id = p.landlord_id
      AND e.sequence BETWEEN p.first_sequence AND p.last_sequence),
  marked AS (
    UPDATE audit_batches AS b SET erase_time = veille_now()
    FROM past AS p WHERE b.landlord_id = p.landlord_id AND b.batch = p.batch)
  SELECT landlord_id, sum(last_sequence - first_sequence + 1)::bigint
  FROM past GROUP BY landlord_id ORDER BY landlord_id;
END $$;
