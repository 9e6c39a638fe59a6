-- As the common migration that bounds claims of messages.
CREATE OR REPLACE FUNCTION claim_deliveries(most integer, most_per_partner integer, limited_partners uuid[],
                                 limits integer[], hold_milliseconds bigint,
                                 probe_milliseconds bigint,
                                 within_milliseconds bigint)
  RETURNS TABLE (landlord_id uuid, delivery_id uuid, is_probe boolean)
  LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE
  except_partners uuid[];
  since CONSTANT timestamptz :=
    coalesce(veille_now() - within_milliseconds * interval '1 millisecond', '-infinity');
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
      AND due_time >= since
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
