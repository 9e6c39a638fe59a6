-- The bound of a claim that follows a wake-up was a COALESCE, which PostgreSQL takes for a function that
-- might tell of rows: with row-level security forced it is looked at after the policy, row by row, and not
-- in the index. As a variable it is.
CREATE OR REPLACE FUNCTION claim_messages(most integer, hold_milliseconds bigint, within_milliseconds bigint)
  RETURNS SETOF outbox
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  since CONSTANT timestamptz :=
    coalesce(veille_now() - within_milliseconds * interval '1 millisecond', '-infinity');
BEGIN
  RETURN QUERY
  WITH claimed AS MATERIALIZED (
    SELECT landlord_id, message_id FROM outbox
    WHERE due_time <= veille_now()
      AND due_time >= since
    ORDER BY due_time FOR UPDATE SKIP LOCKED LIMIT most)
  UPDATE outbox AS o
  SET due_time = veille_now() + hold_milliseconds * interval '1 millisecond', fence = o.fence + 1,
      tries = o.tries + 1
  FROM claimed AS c
  WHERE o.landlord_id = c.landlord_id AND o.message_id = c.message_id
  RETURNING o.*;
END $$;
