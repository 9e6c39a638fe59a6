-- A case handed to a partner. First schema: no earlier release.
--
-- State, urgency and fence are plain, so that queues work; what the person needs, the words, why it
-- may be shared, how to reach the person and what became of it are sealed. Two referrals of one subject
-- and need are found to be equal by a keyed hash, without opening either.
--
-- open_fence and partner_id stand here as well as in assignments: the guard of every change is then
-- a condition on the row that is changed, and stays true when the change had to wait for another.
CREATE TABLE referrals (
  landlord_id          uuid        NOT NULL,
  referral_id          uuid        NOT NULL,
  campaign_id          uuid        NOT NULL,
  household_id         uuid        NOT NULL,
  tenant_id            uuid        NOT NULL,  -- the subject
  finding_id           uuid        NOT NULL,
  commune_code         text        NOT NULL,
  time_zone            text        NOT NULL,
  urgency              smallint    NOT NULL,
  state                smallint    NOT NULL,  -- ReferralState
  version              bigint      NOT NULL DEFAULT 1,
  subject_need_blind   bytea       NOT NULL,  -- HMAC(campaign key, subject and need)
  need                 bytea       NOT NULL,  -- sealed
  words                bytea       NOT NULL,  -- sealed
  basis                bytea       NOT NULL,  -- sealed
  contact              bytea       NOT NULL,  -- sealed
  outcome              bytea       NOT NULL DEFAULT '',  -- sealed; '' before it is known
  partner_id           uuid,                  -- of the last assignment
  last_fence           bigint      NOT NULL DEFAULT 0,  -- how many assignments there were
  open_fence           bigint      NOT NULL DEFAULT 0,  -- of the open assignment; 0: none
  acknowledge_deadline timestamptz,
  created_time         timestamptz NOT NULL,
  updated_time         timestamptz NOT NULL,
  CONSTRAINT referrals_pk PRIMARY KEY (landlord_id, referral_id),
  CONSTRAINT referrals_one_per_finding UNIQUE (landlord_id, finding_id),
  CONSTRAINT referrals_state CHECK (state BETWEEN 1 AND 8),
  CONSTRAINT referrals_urgency CHECK (urgency BETWEEN 1 AND 3),
  CONSTRAINT referrals_open_is_last CHECK (open_fence IN (0, last_fence)),
  CONSTRAINT referrals_at_work_has_partner CHECK (state NOT IN (2, 3, 4) OR open_fence > 0),
  CONSTRAINT referrals_ended_has_none CHECK (state NOT IN (5, 6, 7, 8) OR open_fence = 0),
  CONSTRAINT referrals_deadline_of_open
    CHECK ((acknowledge_deadline IS NOT NULL) = (open_fence > 0)),
  CONSTRAINT referrals_partner_of_assignment CHECK ((partner_id IS NOT NULL) = (last_fence > 0)),
  CONSTRAINT referrals_outcome_when_completed CHECK ((outcome <> '') = (state = 5)),
  CONSTRAINT referrals_partner FOREIGN KEY (landlord_id, partner_id) REFERENCES partners
) WITH (fillfactor = 80);
-- One open referral per subject and need. REJECTED and FAILED are open: a person decides about them.
CREATE UNIQUE INDEX referrals_one_open ON referrals (landlord_id, subject_need_blind)
  WHERE state NOT IN (5, 7);
CREATE INDEX referrals_campaign ON referrals (landlord_id, campaign_id, referral_id);
CREATE INDEX referrals_partner ON referrals (landlord_id, partner_id, referral_id);

-- Findings that came while a referral of the same subject and need was open: each is taken once, the
-- answer is that referral, and what becomes of it is told of each.
CREATE TABLE merged_findings (
  landlord_id uuid        NOT NULL,
  finding_id  uuid        NOT NULL,
  referral_id uuid        NOT NULL,
  merged_time timestamptz NOT NULL,
  CONSTRAINT merged_findings_pk PRIMARY KEY (landlord_id, finding_id),
  CONSTRAINT merged_findings_referral FOREIGN KEY (landlord_id, referral_id) REFERENCES referrals
);
CREATE INDEX merged_findings_referral ON merged_findings (landlord_id, referral_id);

-- How a referral came to its state: one row per version, with the actor that the table of transitions
-- names.
CREATE TABLE referral_events (
  landlord_id uuid        NOT NULL,
  referral_id uuid        NOT NULL,
  version     bigint      NOT NULL,
  state       smallint    NOT NULL,
  actor       smallint    NOT NULL,  -- 1 partner, 2 engine, 3 coordinator, 4 clock
  open_fence  bigint      NOT NULL,
  event_time  timestamptz NOT NULL,
  CONSTRAINT referral_events_pk PRIMARY KEY (landlord_id, referral_id, version),
  CONSTRAINT referral_events_referral FOREIGN KEY (landlord_id, referral_id) REFERENCES referrals,
  CONSTRAINT referral_events_actor CHECK (actor BETWEEN 1 AND 4)
);
