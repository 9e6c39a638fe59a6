-- With the agreement to ask for an entry in the town hall's register stands what the written request is
-- made of: the ground, which may tell of a disability, and when the person did not object. The previous
-- release runs on: it knows no such need.
ALTER TABLE agreements
  ADD COLUMN register_entry bytea,  -- sealed; of SHARE_NEED, when the need is MUNICIPAL_REGISTER
  ADD CONSTRAINT agreements_register_entry CHECK (register_entry IS NULL OR need IS NOT NULL);
