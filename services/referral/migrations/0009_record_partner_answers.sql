-- A partner without software is telephoned: who answered what and when is kept, call by call, under the
-- assignment that the call was about. A call that reached nobody is a row too; how often that happened
-- is counted here and nowhere else.
--
-- What asks for such a call gets a worklist reason of its own (7 TELEPHONE_PARTNER), apart from a
-- machine that cannot be reached; what stands open for partners without an endpoint becomes so. A
-- coordinator who speaks for a partner is an actor of its own (5). A partner may have a second contact,
-- whom the clock asks for before it asks another partner (overdue step 3). The previous release runs on
-- it, and shows what is new as a number.
CREATE TABLE partner_answers (
  landlord_id   uuid        NOT NULL,
  referral_id   uuid        NOT NULL,
  fence         bigint      NOT NULL,  -- of the assignment
  answer_id     uuid        NOT NULL,  -- in the order of recording
  answer        smallint    NOT NULL,  -- PartnerAnswerKind
  answered_by   bytea       NOT NULL DEFAULT '',  -- sealed; '' when nobody was reached
  note          bytea       NOT NULL DEFAULT '',  -- sealed; '' when there is none
  answered_time timestamptz NOT NULL,
  recorded_by   text        NOT NULL,
  recorded_time timestamptz NOT NULL,
  CONSTRAINT partner_answers_pk PRIMARY KEY (landlord_id, referral_id, fence, answer_id),
  CONSTRAINT partner_answers_assignment FOREIGN KEY (landlord_id, referral_id, fence)
    REFERENCES assignments,
  CONSTRAINT partner_answers_answer CHECK (answer BETWEEN 1 AND 6),
  CONSTRAINT partner_answers_by_somebody CHECK ((answer = 1) = (answered_by = ''))
);

ALTER TABLE partners
  ADD COLUMN second_role  text NOT NULL DEFAULT '',
  ADD COLUMN second_phone text NOT NULL DEFAULT '',  -- '': no second contact
  ADD CONSTRAINT partners_second_role_has_phone CHECK (second_role = '' OR second_phone <> '');

ALTER TABLE assignments
  DROP CONSTRAINT assignments_overdue_step,
  ADD CONSTRAINT assignments_overdue_step CHECK (overdue_step BETWEEN 0 AND 3);

ALTER TABLE referral_events
  DROP CONSTRAINT referral_events_actor,
  ADD CONSTRAINT referral_events_actor CHECK (actor BETWEEN 1 AND 5);

ALTER TABLE worklist_items
  DROP CONSTRAINT worklist_items_reason,
  ADD CONSTRAINT worklist_items_reason CHECK (reason BETWEEN 1 AND 7);
UPDATE worklist_items AS i SET reason = 7, version = i.version + 1
FROM referrals AS r
JOIN partners AS p ON p.landlord_id = r.landlord_id AND p.partner_id = r.partner_id
WHERE i.landlord_id = r.landlord_id AND i.referral_id = r.referral_id AND i.state = 1
  AND i.reason = 5 AND r.open_fence > 0 AND p.endpoint = '';
