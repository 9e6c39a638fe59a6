-- One more need that partners cover, an entry in the town hall's register (bit 14). Only town halls take it:
-- the service sees to that when it registers and when it chooses. The previous release (which 0017 does not bear) leaves
-- the need out where it shows what a partner covers, and cannot test one that covers nothing else.
ALTER TABLE partner_coverage
  DROP CONSTRAINT partner_coverage_needs,
  ADD CONSTRAINT partner_coverage_needs CHECK (needs > 0 AND needs & 1 = 0 AND needs < 32768);
