-- A coordinator is told of a push that does not get through once it was tried often enough, and of a
-- withdrawal that waits for a partner to whom nothing is pushed, once each, whatever became of the
-- engine that made the push: the delivery says after how many tries that was. And the item says which
-- assignments ended without their partners knowing, so that it says whom to telephone. The previous
-- release runs on it: what it makes due again it tells of itself.
ALTER TABLE deliveries
  ADD COLUMN told_tries integer NOT NULL DEFAULT 0,  -- 0: no coordinator was told
  ADD CONSTRAINT deliveries_told_tries CHECK (told_tries >= 0);

ALTER TABLE worklist_items
  ADD COLUMN untold_fences bigint[] NOT NULL DEFAULT '{}';  -- of WITHDRAWAL_NOT_TOLD
