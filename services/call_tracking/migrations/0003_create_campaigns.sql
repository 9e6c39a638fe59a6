-- One purpose, one cohort, one script, one period. What RUNNING calls stand on (script, call hours,
-- retry rules, period) never changes once the campaign has left DRAFT, so the services keep it in
-- memory.
CREATE TABLE campaigns (
  landlord_id      uuid        NOT NULL,
  campaign_id      uuid        NOT NULL,
  title            text        NOT NULL,
  purpose          text        NOT NULL,
  state            text        NOT NULL DEFAULT 'DRAFT',
  minimum_age      integer     NOT NULL,  -- the cohort rule
  reference_date   date        NOT NULL,
  commune_codes    text[]      NOT NULL,  -- empty means all
  buildings        text[]      NOT NULL,  -- empty means all
  script_id        uuid        NOT NULL,
  script_version   integer     NOT NULL,
  start_time       timestamptz NOT NULL,
  end_time         timestamptz NOT NULL,
  cohort_cursor    uuid,                  -- OPENING: the last household judged; opening goes on after it
  selected         bigint      NOT NULL DEFAULT 0,
  under_age        bigint      NOT NULL DEFAULT 0,
  objection        bigint      NOT NULL DEFAULT 0,
  no_valid_phone   bigint      NOT NULL DEFAULT 0,
  version          bigint      NOT NULL DEFAULT 1,  -- counts the changes; the etag
  create_time      timestamptz NOT NULL,
  open_time        timestamptz,           -- when the cohort was frozen
  CONSTRAINT campaigns_pk PRIMARY KEY (landlord_id, campaign_id),
  CONSTRAINT campaigns_title UNIQUE (landlord_id, title),
  CONSTRAINT campaigns_script FOREIGN KEY (landlord_id, script_id, script_version)
    REFERENCES scripts (landlord_id, script_id, version),
  CONSTRAINT campaigns_state CHECK (state IN ('DRAFT', 'OPENING', 'RUNNING', 'PAUSED', 'CLOSED')),
  CONSTRAINT campaigns_minimum_age CHECK (minimum_age BETWEEN 0 AND 120),
  CONSTRAINT campaigns_period CHECK (start_time < end_time),
  CONSTRAINT campaigns_counts CHECK (LEAST(selected, under_age, objection, no_valid_phone) >= 0),
  CONSTRAINT campaigns_frozen CHECK (state NOT IN ('RUNNING', 'PAUSED') OR open_time IS NOT NULL)
);
CREATE INDEX campaigns_newest ON campaigns (landlord_id, create_time DESC, campaign_id DESC);

-- When households may be called, in their own local time. No window at all means always.
CREATE TABLE campaign_call_hours (
  landlord_id  uuid     NOT NULL,
  campaign_id  uuid     NOT NULL,
  weekday      smallint NOT NULL,  -- 1 is Monday
  start_minute smallint NOT NULL,  -- since midnight
  end_minute   smallint NOT NULL,  -- exclusive
  CONSTRAINT campaign_call_hours_pk PRIMARY KEY (landlord_id, campaign_id, weekday, start_minute),
  CONSTRAINT campaign_call_hours_campaign FOREIGN KEY (landlord_id, campaign_id)
    REFERENCES campaigns (landlord_id, campaign_id) ON DELETE CASCADE,
  CONSTRAINT campaign_call_hours_weekday CHECK (weekday BETWEEN 1 AND 7),
  CONSTRAINT campaign_call_hours_window CHECK (0 <= start_minute AND start_minute < end_minute
                                               AND end_minute <= 1440)
);

-- What happens after an attempt that reached nobody, by disposition.
CREATE TABLE campaign_retry_rules (
  landlord_id      uuid     NOT NULL,
  campaign_id      uuid     NOT NULL,
  disposition      text     NOT NULL,  -- "NO_ANSWER"
  delay_seconds    bigint   NOT NULL,
  maximum_attempts integer  NOT NULL,
  next_phone       boolean  NOT NULL,
  CONSTRAINT campaign_retry_rules_pk PRIMARY KEY (landlord_id, campaign_id, disposition),
  CONSTRAINT campaign_retry_rules_campaign FOREIGN KEY (landlord_id, campaign_id)
    REFERENCES campaigns (landlord_id, campaign_id) ON DELETE CASCADE,
  CONSTRAINT campaign_retry_rules_delay CHECK (delay_seconds BETWEEN 0 AND 2592000),
  CONSTRAINT campaign_retry_rules_maximum CHECK (maximum_attempts BETWEEN 1 AND 50)
);

-- The current or next span in which households of one time zone may be called: call hours and period,
-- worked out ahead by the service. Millions of households change from callable to not callable by
-- one row here.
CREATE TABLE campaign_zones (
  landlord_id uuid        NOT NULL,
  campaign_id uuid        NOT NULL,
  time_zone   text        NOT NULL,
  open_from   timestamptz NOT NULL,
  open_until  timestamptz NOT NULL,  -- exclusive; once passed, the promoter works out the next span
  CONSTRAINT campaign_zones_pk PRIMARY KEY (landlord_id, campaign_id, time_zone),
  CONSTRAINT campaign_zones_campaign FOREIGN KEY (landlord_id, campaign_id)
    REFERENCES campaigns (landlord_id, campaign_id) ON DELETE CASCADE,
  CONSTRAINT campaign_zones_span CHECK (open_from <= open_until)
);
CREATE INDEX campaign_zones_over ON campaign_zones (open_until);

-- Figures of the report that cannot be counted from rows, because what they count is sealed. Added to
-- in the transaction of the fact; spread over shards, so that calls do not wait for each other; the
-- figure is the sum of its shards.
--   attempts                    attempts of all households, late records included
--   disposition.NO_ANSWER, …    the same by disposition
--   reached, completed, refused households, each once
--   needs_found, needs_shared   findings
--   late_records                calls recorded by somebody who no longer held the lease
CREATE TABLE campaign_figures (
  landlord_id uuid     NOT NULL,
  campaign_id uuid     NOT NULL,
  figure      text     NOT NULL,
  shard       smallint NOT NULL,
  amount      bigint   NOT NULL,
  CONSTRAINT campaign_figures_pk PRIMARY KEY (landlord_id, campaign_id, figure, shard),
  CONSTRAINT campaign_figures_shard CHECK (shard BETWEEN 0 AND 63)
) WITH (fillfactor = 50, autovacuum_vacuum_threshold = 500, autovacuum_vacuum_scale_factor = 0);
