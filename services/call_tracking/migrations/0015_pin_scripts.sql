-- A campaign's answers and findings are read by the script that they were given to: the version that
-- the campaign names. It names that one for good, and no version that a campaign names can go (the
-- foreign key) or change (scripts_immutable). The previous release runs on: it never changes it.
CREATE FUNCTION keep_script() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a campaign keeps its script' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER campaigns_keep_script BEFORE UPDATE ON campaigns FOR EACH ROW
  WHEN (OLD.script_id <> NEW.script_id OR OLD.script_version <> NEW.script_version)
  EXECUTE FUNCTION keep_script();
