-- What the volunteer was shown. The phones as the sheet of the lease had them: a record says which it
-- dialled by position, and they may change during the call. And to how many requests the lease was
-- given: a request that gets no sheet takes its lease back only if no other request was given it.
-- The previous release runs on: it leaves phone_hashes empty, and the household's are taken.
ALTER TABLE leases
  ADD COLUMN phone_hashes bytea,
  ADD COLUMN given integer NOT NULL DEFAULT 1,
  ADD CONSTRAINT leases_phone_hashes CHECK (length(phone_hashes) % 32 = 0),
  ADD CONSTRAINT leases_given CHECK (given >= 1);
