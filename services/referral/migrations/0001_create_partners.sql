-- Who takes referrals, what each covers and how much it has. First schema: no earlier release.
CREATE TABLE partners (
  landlord_id   uuid        NOT NULL,
  partner_id    uuid        NOT NULL,
  name          text        NOT NULL,
  kind          smallint    NOT NULL,  -- PartnerKind
  endpoint      text        NOT NULL,  -- '': told by hand
  contact_phone text        NOT NULL,  -- '' only beside an endpoint
  payload       smallint    NOT NULL,  -- PartnerPayload
  capacity      integer     NOT NULL,  -- open referrals at most; 0: no limit
  state         smallint    NOT NULL,  -- PartnerState
  version       bigint      NOT NULL DEFAULT 1,
  created_time  timestamptz NOT NULL,
  CONSTRAINT partners_pk PRIMARY KEY (landlord_id, partner_id),
  CONSTRAINT partners_one_name UNIQUE (landlord_id, name),
  CONSTRAINT partners_can_be_told CHECK (endpoint <> '' OR contact_phone <> ''),
  CONSTRAINT partners_kind CHECK (kind BETWEEN 1 AND 6),
  CONSTRAINT partners_payload CHECK (payload IN (1, 2)),
  CONSTRAINT partners_state CHECK (state IN (1, 2)),
  CONSTRAINT partners_capacity CHECK (capacity BETWEEN 0 AND 100000)
);

-- Communes × needs. One row per entry of the registration and commune, the needs as a bit set, so that
-- a département of 500 communes and 13 needs is 500 rows.
CREATE TABLE partner_coverage (
  landlord_id  uuid     NOT NULL,
  partner_id   uuid     NOT NULL,
  entry        smallint NOT NULL,  -- place in Partner.coverage
  commune_code text     NOT NULL,  -- arrondissements stand under their city
  needs        integer  NOT NULL,  -- bit n: Need n
  CONSTRAINT partner_coverage_pk PRIMARY KEY (landlord_id, partner_id, entry, commune_code),
  CONSTRAINT partner_coverage_partner FOREIGN KEY (landlord_id, partner_id) REFERENCES partners,
  CONSTRAINT partner_coverage_commune CHECK (commune_code ~ '^[0-9][0-9AB][0-9]{3}$'),
  CONSTRAINT partner_coverage_needs CHECK (needs > 0 AND needs & 1 = 0 AND needs < 16384)
);
CREATE INDEX partner_coverage_commune ON partner_coverage (landlord_id, commune_code)
  INCLUDE (partner_id, needs);

-- How many open referrals each partner has, counted in the transaction of the change. Apart from
-- partners, because it changes with each referral and the registration hardly ever.
CREATE TABLE partner_loads (
  landlord_id    uuid    NOT NULL,
  partner_id     uuid    NOT NULL,
  open_referrals integer NOT NULL DEFAULT 0,
  CONSTRAINT partner_loads_pk PRIMARY KEY (landlord_id, partner_id),
  CONSTRAINT partner_loads_partner FOREIGN KEY (landlord_id, partner_id) REFERENCES partners,
  CONSTRAINT partner_loads_not_negative CHECK (open_referrals >= 0)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_cost_delay = 0);
