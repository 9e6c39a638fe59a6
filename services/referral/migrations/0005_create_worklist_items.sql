-- What waits for a coordinator. First schema: no earlier release.
CREATE TABLE worklist_items (
  landlord_id  uuid        NOT NULL,
  item_id      uuid        NOT NULL,  -- ordered by time: the oldest first
  referral_id  uuid        NOT NULL,
  reason       smallint    NOT NULL,  -- WorklistReason
  urgency      smallint    NOT NULL,  -- when it was put on the list
  state        smallint    NOT NULL,  -- 1 OPEN, 2 DECIDED
  decision     smallint    NOT NULL DEFAULT 0,
  note         bytea       NOT NULL DEFAULT '',  -- sealed; '' when there is none
  decided_by   text        NOT NULL DEFAULT '',
  version      bigint      NOT NULL DEFAULT 1,
  created_time timestamptz NOT NULL,
  decided_time timestamptz,
  CONSTRAINT worklist_items_pk PRIMARY KEY (landlord_id, item_id),
  CONSTRAINT worklist_items_referral FOREIGN KEY (landlord_id, referral_id) REFERENCES referrals,
  CONSTRAINT worklist_items_reason CHECK (reason BETWEEN 1 AND 6),
  CONSTRAINT worklist_items_urgency CHECK (urgency BETWEEN 1 AND 3),
  CONSTRAINT worklist_items_decided_in_full CHECK (
    (state = 1 AND decision = 0 AND decided_by = '' AND decided_time IS NULL) OR
    (state = 2 AND decision BETWEEN 1 AND 4 AND decided_by <> '' AND decided_time IS NOT NULL))
);
CREATE UNIQUE INDEX worklist_items_one_open ON worklist_items (landlord_id, referral_id, reason)
  WHERE state = 1;
CREATE INDEX worklist_items_open ON worklist_items (landlord_id, urgency DESC, item_id)
  WHERE state = 1;
CREATE INDEX worklist_items_all ON worklist_items (landlord_id, urgency DESC, item_id);
