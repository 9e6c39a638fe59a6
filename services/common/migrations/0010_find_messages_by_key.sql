-- The outbox is empty whenever statistics are gathered, so PostgreSQL believes that it has one row, and
-- joined the messages of a batch with it by reading all its entries: those of deleted messages too, which
-- an old transaction elsewhere keeps for as long as it is open. Message by message there is only the key.
CREATE OR REPLACE FUNCTION claim_messages(most integer, hold_milliseconds bigint, within_milliseconds bigint)
  RETURNS SETOF outbox
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  since CONSTANT timestamptz :=
    coalesce(veille_now() - within_milliseconds * interval '1 millisecond', '-infinity');
  due record;
BEGIN
  FOR due IN
    SELECT landlord_id, message_id FROM outbox
    WHERE due_time <= veille_now()
      AND due_time >= since
    ORDER BY due_time FOR UPDATE SKIP LOCKED LIMIT most
  LOOP
    RETURN QUERY
    UPDATE outbox AS o
    SET due_time = veille_now() + hold_milliseconds * interval '1 millisecond', fence = o.fence + 1,
        tries = o.tries + 1
    WHERE o.landlord_id = due.landlord_id AND o.message_id = due.message_id
    RETURNING o.*;
  END LOOP;
END $$;

-- Those that the receiver has. Returns how many were still held under these fences. With the rights of
-- who calls: rows of other landlords are not seen.
CREATE FUNCTION finish_messages(landlord_ids uuid[], message_ids uuid[], fences bigint[])
  RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  held record;
  finished integer := 0;
BEGIN
  FOR held IN
    SELECT landlord_id, message_id, fence
    FROM unnest(landlord_ids, message_ids, fences) AS m (landlord_id, message_id, fence)
  LOOP
    DELETE FROM outbox AS o
    WHERE o.landlord_id = held.landlord_id AND o.message_id = held.message_id AND o.fence = held.fence;
    IF FOUND THEN finished := finished + 1; END IF;
  END LOOP;
  RETURN finished;
END $$;

-- Those to be tried again, each after its delay.
CREATE FUNCTION put_back_messages(landlord_ids uuid[], message_ids uuid[], fences bigint[],
                                  delay_milliseconds bigint[])
  RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  held record;
BEGIN
  FOR held IN
    SELECT landlord_id, message_id, fence, delay
    FROM unnest(landlord_ids, message_ids, fences, delay_milliseconds)
      AS m (landlord_id, message_id, fence, delay)
  LOOP
    UPDATE outbox AS o SET due_time = veille_now() + held.delay * interval '1 millisecond'
    WHERE o.landlord_id = held.landlord_id AND o.message_id = held.message_id AND o.fence = held.fence;
  END LOOP;
END $$;
