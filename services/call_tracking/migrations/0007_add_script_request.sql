-- Which request published a version, so that the same request answers the same version however many
-- came after it. The previous release runs on: the column has a default.
ALTER TABLE scripts ADD COLUMN request_id uuid NOT NULL DEFAULT gen_random_uuid();
CREATE UNIQUE INDEX scripts_request ON scripts (landlord_id, request_id);
