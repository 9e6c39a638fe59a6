-- Who wrote what to the deliveries, as no client sees it: the fence, the state and the process.
CREATE TABLE public.faults_trace (
  number      bigserial PRIMARY KEY,
  at          timestamptz NOT NULL DEFAULT clock_timestamp(),
  xid         bigint NOT NULL DEFAULT pg_current_xact_id()::text::bigint,
  writer      text   NOT NULL DEFAULT current_setting('application_name'),
  delivery_id uuid   NOT NULL,
  old_state   int,
  new_state   int    NOT NULL,
  old_fence   bigint,
  new_fence   bigint NOT NULL,
  tries       int    NOT NULL,
  receipt     text   NOT NULL
);
CREATE TABLE public.faults_moves (
  xid         bigint NOT NULL DEFAULT pg_current_xact_id()::text::bigint,
  referral_id uuid   NOT NULL,
  actor       int    NOT NULL
);
CREATE FUNCTION public.faults_trace() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
  INSERT INTO public.faults_trace
    (delivery_id, old_state, new_state, old_fence, new_fence, tries, receipt)
  VALUES (new.delivery_id, CASE WHEN tg_op = 'UPDATE' THEN old.state END, new.state,
          CASE WHEN tg_op = 'UPDATE' THEN old.fence END, new.fence, new.tries, new.receipt_number);
  RETURN new;
END $$;
CREATE FUNCTION public.faults_moves() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
  INSERT INTO public.faults_moves (referral_id, actor) VALUES (new.referral_id, new.actor);
  RETURN new;
END $$;
CREATE TRIGGER faults_trace AFTER INSERT OR UPDATE ON deliveries
  FOR EACH ROW EXECUTE FUNCTION public.faults_trace();
CREATE TRIGGER faults_moves AFTER INSERT ON referral_events
  FOR EACH ROW EXECUTE FUNCTION public.faults_moves();
