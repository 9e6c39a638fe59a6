-- What a tenant tells a coordinator on the phone stands over the register, whose next file will say
-- the old things again. A coordinator's phones and key contacts stand under no tenant (the nil id),
-- beside those that the rows of the register name. The release before runs on it: it does not see
-- them, and corrects nothing.
ALTER TABLE households
  ADD COLUMN state_corrected    boolean NOT NULL DEFAULT false,  -- the register says something else
  ADD COLUMN contacts_corrected boolean NOT NULL DEFAULT false;  -- those of the register do not count

ALTER TABLE tenants
  ADD COLUMN corrected boolean NOT NULL DEFAULT false,  -- names, birth date and email stay
  ADD COLUMN deceased  boolean NOT NULL DEFAULT false;  -- not present, whatever the register says

-- 3: a coordinator took the number off; an import that names it again does not bring it back.
ALTER TABLE phone_faults
  ALTER COLUMN attempt_id DROP NOT NULL,  -- a coordinator's have none
  DROP CONSTRAINT phone_faults_fault,
  ADD CONSTRAINT phone_faults_fault CHECK (fault IN (1, 2, 3));

ALTER TABLE key_contacts
  ADD COLUMN position smallint NOT NULL DEFAULT 0,
  DROP CONSTRAINT key_contacts_pk,
  ADD CONSTRAINT key_contacts_pk PRIMARY KEY (landlord_id, household_id, tenant_id, position);
