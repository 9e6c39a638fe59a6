-- The rows that SelectCohort gives, as one statement: everybody born on :latest_birth or before.
COPY (
  SELECT h.household_id, h.version, d.commune_code, d.time_zone, s.subjects, p.hashes
  FROM households AS h
  JOIN dwellings AS d ON d.landlord_id = h.landlord_id AND d.dwelling_id = h.dwelling_id
  JOIN (
    SELECT household_id, array_agg(tenant_id ORDER BY position, tenant_id) AS subjects
    FROM tenants
    WHERE landlord_id = :'landlord' AND present AND NOT objection AND birth_date <= :'latest_birth'
    GROUP BY household_id) AS s ON s.household_id = h.household_id
  JOIN (
    SELECT ph.household_id,
           array_agg(ph.phone_hash ORDER BY t.position NULLS FIRST, ph.tenant_id, ph.position) AS hashes
    FROM phones AS ph
    LEFT JOIN tenants AS t ON t.landlord_id = ph.landlord_id AND t.household_id = ph.household_id
      AND t.tenant_id = ph.tenant_id
    WHERE ph.landlord_id = :'landlord' AND ph.verdict IN (1, 2)
    GROUP BY ph.household_id) AS p ON p.household_id = h.household_id
  WHERE h.landlord_id = :'landlord' AND h.state = 1 AND NOT h.objection
  ORDER BY h.household_id
) TO STDOUT;
