"""The end of a run: the faults are over, everybody finishes, and what waits is waited for."""
import time

import checker

ROUND = 0.5  # seconds between two looks
# What call-tracking and referral have to tell each other goes this way, and waits in these.
BETWEEN = ("to:referral-1", "to:calls-2")
WAITS_IN = ("faults_calls", "faults_referral")
PATIENCE = 30.0  # seconds


def _held(world):
    held = {}
    for database in WAITS_IN:
        for row in world.query(database, "SELECT topic, count(*) AS waiting FROM outbox GROUP BY topic"):
            held[f"{row['topic']} in {database}"] = row["waiting"]
    return held


def hold_back(world):
    """The services do not reach each other any more, until something waits because of it: somebody
    must still be at work."""
    for link in BETWEEN:
        world.network.become(link, kind="cut", bytes=1)
    deadline = time.monotonic() + PATIENCE
    while not _held(world) and time.monotonic() < deadline:
        time.sleep(ROUND)


def let_go(world, say):
    """What was held back moves on though nobody does anything that would wake a service; what did
    not."""
    held = _held(world)
    say(f"held back, with nobody at work: {', '.join(f'{n} {what}' for what, n in held.items()) or 'nothing'}")
    for link in BETWEEN:
        world.network.become(link, kind="clean")
    deadline = time.monotonic() + PATIENCE
    while held and time.monotonic() < deadline:
        world.pass_time(600)
        time.sleep(ROUND)
        held = _held(world)
    return {f"{what}, with nobody at work": count for what, count in held.items()}


def _left(world):
    """What still has to move by itself: messages, deliveries, cases that a partner has not answered."""
    left = {}
    # In the order in which messages follow from each other, so that none is missed on its way: an
    # objection goes from a call to the register, and comes back.
    for database in ("faults_calls", "faults_registry", "faults_calls", "faults_referral"):
        rows = world.query(database, "SELECT topic, count(*) AS waiting FROM outbox GROUP BY topic")
        left.update({f"{row['topic']} in {database}": row["waiting"] for row in rows})
    for row in world.query("faults_referral", """
        SELECT count(*) AS waiting FROM deliveries WHERE state IN (1, 2)"""):
        left["deliveries"] = row["waiting"]
    for row in _unanswered(world):
        left["unanswered"] = left.get("unanswered", 0) + 1
    return {what: count for what, count in left.items() if count}


def _unanswered(world):
    return world.query("faults_referral", f"""
        SELECT r.referral_id::text AS referral, r.open_fence AS fence, r.partner_id::text AS partner
        FROM referrals AS r
        WHERE r.state IN ({checker.REQUESTED}, {checker.RECEIVED}, {checker.REJECTED})
          AND NOT EXISTS (SELECT FROM worklist_items AS i WHERE i.landlord_id = r.landlord_id
                          AND i.referral_id = r.referral_id AND i.state = 1)""")


def converge(world, dispatcher, silent, seconds, say):
    """Waits until nothing is left, or for so long; what was left. `silent` are the partners whose
    people answer nothing: they are telephoned, the others only if they take too long."""
    deadline = time.monotonic() + seconds
    left, shown = _left(world), None
    while left and time.monotonic() < deadline:
        if left != shown:
            say(f"waiting for {', '.join(f'{count} {what}' for what, count in left.items())}")
            shown = left
        # What is to be tried again later, is tried now: hours of patience in a minute.
        world.pass_time(600)
        for row in _unanswered(world):
            if row["fence"] and (row["partner"] in silent or time.monotonic() > deadline - seconds / 2):
                try:
                    dispatcher.settle(row["referral"], row["fence"])
                except Exception:  # the partner was faster, or has it no more
                    continue
        time.sleep(ROUND)
        left = _left(world)
    return left
