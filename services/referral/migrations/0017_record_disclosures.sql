-- What partners were told of a person, for the statement that is printed for that person: the items of
-- personal data of each message to a partner, sealed, written in the transaction of what tells them, and
-- of a push before it leaves. What is told again is counted, not repeated. What was said on the telephone
-- is recorded nowhere; that there was a call stands in partner_answers.
--
-- assignments.is_disclosure_recorded is false of what was assigned before: the statement says that more
-- may have been told. The previous release must not run on it: it would tell without recording.
CREATE TABLE disclosures (
  landlord_id   uuid        NOT NULL,
  referral_id   uuid        NOT NULL,
  fence         bigint      NOT NULL,  -- of the assignment
  way           smallint    NOT NULL,  -- DisclosureWay
  items_blind   bytea       NOT NULL,  -- HMAC(campaign key, referral and items)
  disclosure_id uuid        NOT NULL,
  items         bytea       NOT NULL,  -- sealed
  times         bigint      NOT NULL DEFAULT 1,
  first_time    timestamptz NOT NULL,
  last_time     timestamptz NOT NULL,
  CONSTRAINT disclosures_pk PRIMARY KEY (landlord_id, referral_id, fence, way, items_blind),
  CONSTRAINT disclosures_assignment FOREIGN KEY (landlord_id, referral_id, fence)
    REFERENCES assignments,
  CONSTRAINT disclosures_way CHECK (way BETWEEN 1 AND 3),
  CONSTRAINT disclosures_times CHECK (times > 0),
  CONSTRAINT disclosures_first_is_first CHECK (first_time <= last_time)
) WITH (fillfactor = 80);
SELECT veille_protect('disclosures');

CREATE INDEX referrals_tenant ON referrals (landlord_id, tenant_id, referral_id);

ALTER TABLE assignments ADD COLUMN is_disclosure_recorded boolean NOT NULL DEFAULT false;
ALTER TABLE assignments ALTER COLUMN is_disclosure_recorded SET DEFAULT true;
