-- A coordinator finds a household by any words of a tenant's name, each from its beginning. The words
-- carry the landlord's id in front of them: a search reads one landlord's part of the index only, and
-- needs no extension. The list of waiting entries is kept short, because each search reads it; an
-- import clears it at its end. The release before runs on it.
CREATE FUNCTION words_of_name(landlord_id uuid, name_folded text) RETURNS tsvector
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN array_to_tsvector(string_to_array(
    landlord_id::text || replace(name_folded, ' ', ' ' || landlord_id::text), ' '));

CREATE INDEX tenants_by_word ON tenants USING gin (words_of_name(landlord_id, name_folded))
  WITH (gin_pending_list_limit = 1024);
-- The statistics of words are dear to gather, and the search does not look at them.
ALTER INDEX tenants_by_word ALTER COLUMN 1 SET STATISTICS 0;

CREATE OR REPLACE FUNCTION refresh_register_statistics() RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  PERFORM gin_clean_pending_list('tenants_by_word');
  ANALYZE dwellings, households, tenants, phones, phone_faults, key_contacts, register_rows,
          refused_rows;
END $$;
