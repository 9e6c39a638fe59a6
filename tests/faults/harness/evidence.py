"""What the databases say at the end, as plain lists of ids, states and fences; nothing sealed. And what
the statements say that partners were told, as digests."""
import json

import told
from setup import Patient

QUERIES = {
    "attempts": ("faults_calls", "SELECT attempt_id::text AS attempt, lease_id::text AS lease FROM attempts "
                 "UNION ALL SELECT attempt_id::text, lease_id::text FROM late_records"),
    "findings": ("faults_calls", """
        SELECT finding_id::text AS finding, household_id::text AS household, shared,
               decision_reason AS reason, referral_id::text AS referral, referral_state AS state,
               referral_version AS version
        FROM findings"""),
    "cohort": ("faults_calls", "SELECT household_id::text AS household, state FROM cohort_households"),
    "leases": ("faults_calls", """
        SELECT lease_id::text AS lease, household_id::text AS household, fence, state FROM leases"""),
    "leasing": ("faults_calls", """
        SELECT number, extract(epoch FROM at)::float AS at, what, household_id::text AS household,
               lease_id::text AS lease, volunteer_id::text AS volunteer, old_state AS old,
               new_state AS new, extract(epoch FROM expire_time)::float AS expire
        FROM faults_trace ORDER BY number"""),
    "objections": ("faults_registry", """
        SELECT household_id::text AS household, objection_calls_only AS calls_only
        FROM households WHERE objection"""),
    "referrals": ("faults_referral", """
        SELECT referral_id::text AS referral, finding_id::text AS finding, tenant_id::text AS tenant,
               household_id::text AS household, state, version, urgency, open_fence, last_fence,
               encode(subject_need_blind, 'hex') AS about
        FROM referrals"""),
    "merged": ("faults_referral", """
        SELECT finding_id::text AS finding, referral_id::text AS referral FROM merged_findings"""),
    "events": ("faults_referral", """
        SELECT referral_id::text AS referral, version, state, actor, open_fence AS fence
        FROM referral_events ORDER BY referral_id, version"""),
    "assignments": ("faults_referral", """
        SELECT referral_id::text AS referral, fence, partner_id::text AS partner, state,
               accepted_time IS NOT NULL AS accepted
        FROM assignments ORDER BY referral_id, fence"""),
    "deliveries": ("faults_referral", """
        SELECT delivery_id::text AS delivery, referral_id::text AS referral,
               assignment_fence AS fence, partner_id::text AS partner, state,
               receipt_number AS receipt, is_withdrawal AS withdrawal
        FROM deliveries"""),
    "delivering": ("faults_referral", """
        SELECT t.number, t.writer, t.delivery_id::text AS delivery, t.old_state AS old,
               t.new_state AS new, t.old_fence, t.new_fence, t.tries, t.receipt,
               EXISTS (SELECT FROM faults_moves AS m WHERE m.xid = t.xid AND m.actor <> 2) AS by_person
        FROM faults_trace AS t ORDER BY t.number"""),
    "worklist": ("faults_referral", """
        SELECT item_id::text AS item, referral_id::text AS referral, reason, state FROM worklist_items"""),
    "telephoned": ("faults_referral", """
        SELECT referral_id::text AS referral, fence, answer FROM partner_answers"""),
}


def _told(world):
    """What each person would be told that partners were told."""
    rows, officers = [], {}
    for person in world.query("faults_referral", """
        SELECT DISTINCT landlord_id::text AS landlord, tenant_id::text AS tenant FROM referrals"""):
        landlord = person["landlord"]
        if landlord not in officers:
            officers[landlord] = Patient(world.address("referral-1"), 10, role="dpo", subject="dora",
                                         landlord=landlord, reason="what%20partners%20were%20told")
        cases = officers[landlord].call("referral.v1.ReferralService/GetDisclosureStatement",
                                        tenant_id=person["tenant"], page_size=1000).cases
        rows += [{"referral": case.referral_id, "fence": one.assignment_fence, "partner": one.partner_id,
                  "way": one.way, "times": one.times,
                  "items": told.digest([(field.name, field.values) for field in one.fields])}
                 for case in cases for one in case.disclosures]
    return rows


def gather(world):
    found = _told(world)  # first: what comes to rest later can only be more
    evidence = {name: world.query(database, sql) for name, (database, sql) in QUERIES.items()}
    evidence["told"] = found
    evidence["outbox"] = [
        {"database": database, "topic": row["topic"], "tries": row["tries"]}
        for database in ("faults_registry", "faults_calls", "faults_referral")
        for row in world.query(database, "SELECT topic, tries FROM outbox")]
    return evidence


def write(evidence, path):
    with open(path, "w") as file:
        json.dump(evidence, file)


def read(path):
    with open(path) as file:
        return json.load(file)
