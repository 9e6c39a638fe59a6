-- What became of the leases, and when by the database's clock; and when changes of the register
-- were taken in.
CREATE TABLE public.faults_trace (
  number       bigserial PRIMARY KEY,
  at           timestamptz NOT NULL,
  what         text NOT NULL,  -- 'lease', 'change'
  household_id uuid NOT NULL,
  lease_id     uuid,
  volunteer_id uuid,
  old_state    text,
  new_state    text,
  expire_time  timestamptz
);
CREATE FUNCTION public.faults_lease() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
  INSERT INTO public.faults_trace
    (at, what, household_id, lease_id, volunteer_id, old_state, new_state, expire_time)
  VALUES (public.veille_now(), 'lease', new.household_id, new.lease_id, new.volunteer_id,
          CASE WHEN tg_op = 'UPDATE' THEN old.state END, new.state, new.expire_time);
  RETURN new;
END $$;
CREATE FUNCTION public.faults_change() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
  IF new.ends_calls THEN
    INSERT INTO public.faults_trace (at, what, household_id)
    VALUES (public.veille_now(), 'change', new.household_id);
  END IF;
  RETURN new;
END $$;
CREATE TRIGGER faults_lease AFTER INSERT OR UPDATE ON leases
  FOR EACH ROW EXECUTE FUNCTION public.faults_lease();
CREATE TRIGGER faults_change AFTER INSERT ON household_changes
  FOR EACH ROW EXECUTE FUNCTION public.faults_change();
