-- The second wall (see the common migration of the same name), and what it needs here. The release
-- before runs on it where it connects as a superuser.
SELECT veille_protect(t) FROM unnest(ARRAY['landlords', 'dwellings', 'households', 'tenants', 'phones',
  'phone_faults', 'key_contacts', 'imports', 'import_counts', 'register_rows', 'refused_rows']::regclass[])
  AS t;

-- A search by words may use their index only where no condition stands before it that the planner
-- must check first: it does not know that `@@` tells nobody anything. So it is a function of the
-- owner, who is not held back from this one table, and asks itself whose names may be seen.
DROP POLICY every_landlord ON tenants;
CREATE POLICY every_landlord ON tenants TO CURRENT_USER USING (true);

-- By the words' index and nothing else: an equality of landlords would let the planner, while the
-- tables are small, take an index that reads a whole landlord later.
CREATE FUNCTION find_tenants_named(landlord uuid, words tsquery)
  RETURNS TABLE (household_id uuid, present boolean)
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
BEGIN
  IF landlord = ANY (veille_landlords()) THEN
    RETURN QUERY SELECT t.household_id, t.present FROM tenants AS t
    WHERE t.landlord_id IS NOT DISTINCT FROM landlord AND NOT t.deceased
      AND words_of_name(t.landlord_id, t.name_folded) @@ words;
  END IF;
END $$;

CREATE FUNCTION count_running_imports() RETURNS bigint
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT count(*) FROM imports WHERE state = 1
$$;

-- Temporary tables last, as everywhere: without it they would be looked at first.
ALTER FUNCTION refresh_register_statistics() SET search_path = public, pg_temp;
