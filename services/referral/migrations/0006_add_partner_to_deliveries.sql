-- One partner whose machine does not answer must not hold up the pushes to all others: the engine
-- leaves out, when it claims, the partners that have enough pushes unanswered. The partner stands in
-- the row, so that passing over a long backlog joins nothing. A release before this one cannot
-- insert deliveries any more.
ALTER TABLE deliveries ADD COLUMN partner_id uuid;
UPDATE deliveries AS d SET partner_id = a.partner_id
FROM assignments AS a
WHERE a.landlord_id = d.landlord_id AND a.referral_id = d.referral_id
  AND a.fence = d.assignment_fence;
ALTER TABLE deliveries
  ALTER COLUMN partner_id SET NOT NULL,
  ADD CONSTRAINT deliveries_partner FOREIGN KEY (landlord_id, partner_id) REFERENCES partners;
