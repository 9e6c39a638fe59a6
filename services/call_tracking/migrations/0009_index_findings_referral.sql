-- Two findings of the same subject and need share one open referral: what becomes of it is told of one
-- of them, and found for the other by the referral. The previous release runs on.
CREATE INDEX findings_of_referral ON findings (landlord_id, referral_id)
  WHERE referral_id IS NOT NULL;
