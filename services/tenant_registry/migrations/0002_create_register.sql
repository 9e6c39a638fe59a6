-- Who lives where and how to reach them. Ages are never stored: only birth dates are, and an age is
-- computed on a date. Nothing here says what anyone said in a call.
CREATE TABLE dwellings (
  landlord_id     uuid NOT NULL,
  dwelling_id     uuid NOT NULL,
  dwelling_number text NOT NULL,  -- the landlord's
  residence       text NOT NULL,
  building        text NOT NULL,
  staircase       text NOT NULL,
  floor           text NOT NULL,
  door            text NOT NULL,
  street_address  text NOT NULL,
  postal_code     text NOT NULL,
  commune_name    text NOT NULL,
  commune_code    text NOT NULL,  -- INSEE; an arrondissement is replaced by its city
  time_zone       text NOT NULL,  -- IANA name, from the commune
  CONSTRAINT dwellings_pk PRIMARY KEY (landlord_id, dwelling_id),
  CONSTRAINT dwellings_number UNIQUE (landlord_id, dwelling_number),
  CONSTRAINT dwellings_landlord FOREIGN KEY (landlord_id) REFERENCES landlords (landlord_id)
);

-- The unit that is called. A household never vanishes: one that a complete register does not name has
-- left. An objection is never undone by an import.
CREATE TABLE households (
  landlord_id      uuid        NOT NULL,
  household_id     uuid        NOT NULL,
  dwelling_id      uuid        NOT NULL,
  client_reference text        NOT NULL,  -- empty: the persons of the dwelling are one household
  state            smallint    NOT NULL,  -- 1 present, 2 left
  version          bigint      NOT NULL,  -- counts the changes
  objection        boolean     NOT NULL,
  objection_time   timestamptz,
  move_in_date     date,
  changed_time     timestamptz NOT NULL,
  CONSTRAINT households_pk PRIMARY KEY (landlord_id, household_id),
  CONSTRAINT households_key UNIQUE (landlord_id, dwelling_id, client_reference),
  CONSTRAINT households_dwelling FOREIGN KEY (landlord_id, dwelling_id)
    REFERENCES dwellings (landlord_id, dwelling_id),
  CONSTRAINT households_state CHECK (state IN (1, 2)),
  CONSTRAINT households_version CHECK (version > 0)
) WITH (fillfactor = 90);
CREATE INDEX households_reference ON households (landlord_id, client_reference)
  WHERE client_reference <> '';

-- A person. One whose row a complete register no longer has is not present any more.
CREATE TABLE tenants (
  landlord_id    uuid    NOT NULL,
  tenant_id      uuid    NOT NULL,
  household_id   uuid    NOT NULL,
  position       bigint  NOT NULL,  -- the order of the register in which the person came
  title          text    NOT NULL,
  family_name    text    NOT NULL,
  given_name     text    NOT NULL,
  name_folded    text    NOT NULL,  -- family and given name without case and accents, to compare
  birth_date     date,
  relation       text    NOT NULL,
  email          text    NOT NULL,
  present        boolean NOT NULL,
  objection      boolean NOT NULL,
  objection_time timestamptz,
  CONSTRAINT tenants_pk PRIMARY KEY (landlord_id, tenant_id),
  CONSTRAINT tenants_household FOREIGN KEY (landlord_id, household_id)
    REFERENCES households (landlord_id, household_id)
) WITH (fillfactor = 90);
CREATE INDEX tenants_of_household ON tenants (landlord_id, household_id, position);

-- The phones that the row of a tenant names. They belong to the household; the tenant says which row
-- of the register replaces them. One number may stand in several rows and households.
CREATE TABLE phones (
  landlord_id  uuid     NOT NULL,
  household_id uuid     NOT NULL,
  tenant_id    uuid     NOT NULL,
  position     smallint NOT NULL,
  verdict      smallint NOT NULL,  -- 1 valid, 2 possible, 3 invalid, 4 not working
  e164         text,
  phone_hash   bytea,              -- HMAC-SHA256 of e164 under the landlord's key
  original     text     NOT NULL,
  CONSTRAINT phones_pk PRIMARY KEY (landlord_id, household_id, tenant_id, position),
  CONSTRAINT phones_household FOREIGN KEY (landlord_id, household_id)
    REFERENCES households (landlord_id, household_id),
  CONSTRAINT phones_verdict CHECK (verdict BETWEEN 1 AND 4),
  CONSTRAINT phones_hash CHECK ((verdict = 3) = (phone_hash IS NULL)
                                AND (phone_hash IS NULL) = (e164 IS NULL))
);

-- Phones that were reported not to work. An import that names the number again does not revive it.
CREATE TABLE phone_faults (
  landlord_id   uuid        NOT NULL,
  household_id  uuid        NOT NULL,
  phone_hash    bytea       NOT NULL,
  fault         smallint    NOT NULL,  -- 1 wrong number, 2 out of service
  attempt_id    uuid        NOT NULL,
  reported_time timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT phone_faults_pk PRIMARY KEY (landlord_id, household_id, phone_hash),
  CONSTRAINT phone_faults_fault CHECK (fault IN (1, 2))
);

-- The relative, neighbour or keyholder that the row of a tenant names.
CREATE TABLE key_contacts (
  landlord_id  uuid NOT NULL,
  household_id uuid NOT NULL,
  tenant_id    uuid NOT NULL,
  name         text NOT NULL,
  e164         text NOT NULL,  -- empty when it has none that can be dialled
  CONSTRAINT key_contacts_pk PRIMARY KEY (landlord_id, household_id, tenant_id)
);
