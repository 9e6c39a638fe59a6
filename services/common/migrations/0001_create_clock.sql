-- One authority for the time of leases, claims and fences, whatever the clocks of the replicas say.
-- Tests replace this function to move the clock; nothing in the services reads now() directly.
CREATE FUNCTION veille_now() RETURNS timestamptz
  LANGUAGE sql STABLE PARALLEL SAFE
  RETURN now();
