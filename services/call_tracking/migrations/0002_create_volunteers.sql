-- Who calls. A volunteer belongs to the landlord, not to one campaign: whoever is enrolled and active
-- may lease the next call of any campaign that runs.
CREATE TABLE volunteers (
  landlord_id  uuid        NOT NULL,
  volunteer_id uuid        NOT NULL,
  subject      text        NOT NULL,  -- who it is in the credentials
  display_name text        NOT NULL,
  languages    text[]      NOT NULL,
  state        text        NOT NULL DEFAULT 'ACTIVE',
  version      bigint      NOT NULL DEFAULT 1,  -- counts the changes; the etag
  create_time  timestamptz NOT NULL,
  CONSTRAINT volunteers_pk PRIMARY KEY (landlord_id, volunteer_id),
  CONSTRAINT volunteers_subject UNIQUE (landlord_id, subject),
  CONSTRAINT volunteers_state CHECK (state IN ('ACTIVE', 'LEFT'))
);
