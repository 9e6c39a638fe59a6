-- While a transaction keeps old versions of rows alive, the index of what is due fills with entries of
-- messages that are gone, and a claim from its beginning passes them all: after half an hour of a busy
-- day that is tens of thousands. A claim that follows a wake-up now begins `within_milliseconds` ago;
-- null: at the beginning. The previous release runs on, with the function of before.
CREATE FUNCTION claim_messages(most integer, hold_milliseconds bigint, within_milliseconds bigint)
  RETURNS SETOF outbox
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  RETURN QUERY
  WITH claimed AS MATERIALIZED (
    SELECT landlord_id, message_id FROM outbox
    WHERE due_time <= veille_now()
      AND due_time >= coalesce(veille_now() - within_milliseconds * interval '1 millisecond', '-infinity')
    ORDER BY due_time FOR UPDATE SKIP LOCKED LIMIT most)
  UPDATE outbox AS o
  SET due_time = veille_now() + hold_milliseconds * interval '1 millisecond', fence = o.fence + 1,
      tries = o.tries + 1
  FROM claimed AS c
  WHERE o.landlord_id = c.landlord_id AND o.message_id = c.message_id
  RETURNING o.*;
END $$;
