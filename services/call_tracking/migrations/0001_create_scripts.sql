-- Call scripts, published once and never changed: answers, findings and campaigns name the version
-- that they were made with. The body is the serialised veille.calls.v1.Script: it is read as a whole,
-- and nothing in it is about a person.
CREATE TABLE scripts (
  landlord_id  uuid        NOT NULL,
  script_id    uuid        NOT NULL,
  version      integer     NOT NULL,
  title        text        NOT NULL,
  body         bytea       NOT NULL,
  publish_time timestamptz NOT NULL,
  CONSTRAINT scripts_pk PRIMARY KEY (landlord_id, script_id, version),
  CONSTRAINT scripts_version CHECK (version >= 1)
);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'rows of % never change', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER scripts_immutable BEFORE UPDATE ON scripts
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
