-- The statements of the register are planned once per connection. While the tables of a new
-- installation are empty every index looks alike to the planner, and it may choose one that reads a
-- whole landlord per row; autovacuum corrects it a minute later. An import asks for statistics as it
-- goes instead. The owner's right, because the service's role may not analyse.
CREATE FUNCTION refresh_register_statistics() RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  ANALYZE dwellings, households, tenants, phones, phone_faults, key_contacts, register_rows,
          refused_rows;
END $$;
