-- A partner may be on trial: it is given nothing before its machine has received the notice of an
-- invented case and fetched the case. The notice is a delivery like any other, so that it is claimed,
-- fenced and tried again by the same statements; it belongs to no referral. Of the case itself nothing
-- is kept but how the test went: one row per partner, of its last test, about no person.
--
-- on_trial stands beside the state, so that a partner which is paused and resumed is on trial still.
-- The previous release runs on it, and leaves a test that is due waiting.
ALTER TABLE partners
  ADD COLUMN on_trial boolean NOT NULL DEFAULT false,
  DROP CONSTRAINT partners_state,
  ADD CONSTRAINT partners_state CHECK (state BETWEEN 1 AND 3),
  ADD CONSTRAINT partners_on_trial
    CHECK (CASE state WHEN 1 THEN NOT on_trial WHEN 3 THEN on_trial ELSE true END);

ALTER TABLE deliveries ALTER COLUMN referral_id DROP NOT NULL;  -- NULL: a test

CREATE TABLE partner_tests (
  landlord_id   uuid        NOT NULL,
  partner_id    uuid        NOT NULL,
  test_id       uuid        NOT NULL,  -- the referral id that the partner is told
  delivery_id   uuid        NOT NULL,
  state         smallint    NOT NULL DEFAULT 1,  -- ReferralState of the invented case
  version       bigint      NOT NULL DEFAULT 1,
  tries         integer     NOT NULL DEFAULT 0,
  outcome       smallint    NOT NULL DEFAULT 0,   -- ReferralOutcome, as the partner closed it
  problem       smallint    NOT NULL DEFAULT 0,   -- PartnerTestProblem
  answer        text        NOT NULL DEFAULT '',  -- to the last push, in words of our own
  created_time  timestamptz NOT NULL,
  expire_time   timestamptz NOT NULL,
  received_time timestamptz,
  fetched_time  timestamptz,
  accepted_time timestamptz,
  CONSTRAINT partner_tests_pk PRIMARY KEY (landlord_id, partner_id),
  CONSTRAINT partner_tests_one_delivery UNIQUE (landlord_id, delivery_id),
  CONSTRAINT partner_tests_partner FOREIGN KEY (landlord_id, partner_id) REFERENCES partners,
  CONSTRAINT partner_tests_state CHECK (state BETWEEN 1 AND 8),
  CONSTRAINT partner_tests_problem CHECK (problem IN (0, 1, 2, 3, 4, 5, 7)),
  CONSTRAINT partner_tests_answer CHECK (length(answer) <= 200)
);
SELECT veille_protect('partner_tests');

-- A test is no work that anybody waits for.
CREATE OR REPLACE FUNCTION count_open_deliveries(OUT due bigint, OUT sending bigint, OUT parked bigint,
                                                 OUT latest double precision)
  LANGUAGE sql STABLE SECURITY DEFINER
  SET search_path = public, pg_temp AS $$
  SELECT count(*) FILTER (WHERE state = 1), count(*) FILTER (WHERE state = 2),
         (SELECT count(*) FROM deliveries WHERE state = 4),
         coalesce(extract(epoch FROM veille_now() - min(due_time)
                            FILTER (WHERE state = 1 AND due_time <= veille_now())), 0)::float8
  FROM deliveries WHERE state IN (1, 2) AND referral_id IS NOT NULL
$$;
