-- Who says in a call "never call again" objects to calls, not to the help that was agreed on in the
-- same call: such an objection stops calls like any other, and leaves referrals alone. One to the
-- programme widens it. The previous release runs on it, but takes each objection as one to the
-- programme, and cannot take one to calls only back.
ALTER TABLE households
  ADD COLUMN objection_calls_only boolean NOT NULL DEFAULT false,
  ADD CONSTRAINT households_calls_only CHECK (objection OR NOT objection_calls_only);
