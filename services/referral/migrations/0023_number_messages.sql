-- A delivery that is made due again with something more to say (the case is withdrawn, the partner is
-- reminded, it is more urgent, a person wants it pushed anew) is another message to the partner, whose
-- machine takes one that it knows already as done. The previous release runs on it, and says all under one
-- number.
ALTER TABLE deliveries
  ADD COLUMN message_number integer NOT NULL DEFAULT 0;  -- 0: the first
