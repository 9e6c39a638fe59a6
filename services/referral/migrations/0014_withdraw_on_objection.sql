-- Who objects is helped no further: what is open of the household, or of the tenant, is withdrawn, and
-- what comes later of a call that was made before is CANCELLED from the start. An objection is known
-- by the household's version in the register; one that the register has taken back since is older than
-- the version that a new referral comes with. That a person withdrew a referral by objecting is an
-- actor of its own (6). The previous release runs on it, and shows that actor as a number.
CREATE TABLE objections (
  landlord_id  uuid        NOT NULL,
  household_id uuid        NOT NULL,
  version      bigint      NOT NULL,  -- of the household in the register
  tenant_ids   uuid[]      NOT NULL,  -- empty: the whole household
  taken_time   timestamptz NOT NULL,
  CONSTRAINT objections_pk PRIMARY KEY (landlord_id, household_id, version),
  CONSTRAINT objections_version CHECK (version > 0)
);
SELECT veille_protect('objections');

CREATE INDEX referrals_open_of_household ON referrals (landlord_id, household_id)
  WHERE state NOT IN (5, 7);

ALTER TABLE referral_events
  DROP CONSTRAINT referral_events_actor,
  ADD CONSTRAINT referral_events_actor CHECK (actor BETWEEN 1 AND 6);
