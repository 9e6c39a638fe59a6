-- Plans are made from statistics, which autovacuum gathers as it comes, by default a minute later: a
-- table that was empty then and is not now is planned for as if it had two hundred landlords, and any
-- index that begins with the landlord seems good enough to find one row in.
--
-- Gathers those of the tables that have four times the rows they had then, small ones left out, and says
-- of how many. Rows are counted as they are committed: the size of a file grows before, and statistics of
-- that moment would find nothing in it. Who is at a table already, another replica or autovacuum, does it
-- for all. New statistics end the plans that were made with the old, in every session. As the owner,
-- because the service's role may not.
CREATE FUNCTION analyze_grown_tables() RETURNS integer
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  fewest_rows CONSTANT integer := 200;
  grown regclass;
  analyzed integer := 0;
BEGIN
  FOR grown IN
    SELECT oid FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
      AND pg_get_userbyid(relowner) = current_user
      AND pg_stat_get_live_tuples(oid) >= greatest(fewest_rows, 4 * reltuples)
  LOOP
    EXECUTE format('ANALYZE (SKIP_LOCKED) %s', grown);
    analyzed := analyzed + 1;
  END LOOP;
  RETURN analyzed;
END $$;
