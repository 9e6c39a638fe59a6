"""Judges a history and what the databases said at its end. Each rule is a function that gives its
violations; `check` runs them all.

A rule holds for every order in which the operations can have happened: an operation that nobody
answered may have been done or not, one that was answered was done between its asking and its
answer.
"""
import collections
import dataclasses

REQUESTED, RECEIVED, ACCEPTED, IN_PROGRESS, COMPLETED, REJECTED, CANCELLED, FAILED = range(1, 9)
STATES = ["", "REQUESTED", "RECEIVED", "ACCEPTED", "IN_PROGRESS", "COMPLETED", "REJECTED", "CANCELLED",
          "FAILED"]
PARTNER, ENGINE, COORDINATOR, CLOCK, FOR_PARTNER, SUBJECT = range(1, 7)
ACTORS = ["", "partner", "engine", "coordinator", "clock", "for partner", "person who objects"]
OPEN, DONE, DECLINED, SUPERSEDED = range(1, 5)  # assignments
DUE, SENDING, DELIVERED, PARKED, WITHDRAWN = range(1, 6)  # deliveries
PUSH, READ, LIST, TELEPHONE = range(1, 5)  # ways in which a partner is told

# Who may move a referral from where to where. Written down here a second time, on purpose.
LEGAL = (
    {(REQUESTED, RECEIVED, ENGINE), (REJECTED, REQUESTED, ENGINE)}
    | {(a, b, who) for who in (PARTNER, FOR_PARTNER) for a, b in [
        (REQUESTED, ACCEPTED), (RECEIVED, ACCEPTED), (REQUESTED, REJECTED), (RECEIVED, REJECTED),
        (ACCEPTED, IN_PROGRESS), (ACCEPTED, COMPLETED), (IN_PROGRESS, COMPLETED)]}
    | {(REQUESTED, RECEIVED, FOR_PARTNER)}
    | {(a, b, CLOCK) for a in (REQUESTED, RECEIVED) for b in (REQUESTED, FAILED)}
    | {(a, b, COORDINATOR) for a in (REQUESTED, RECEIVED, ACCEPTED, IN_PROGRESS, REJECTED, FAILED)
       for b in (REQUESTED, CANCELLED)}
    | {(a, CANCELLED, SUBJECT)
       for a in (REQUESTED, RECEIVED, ACCEPTED, IN_PROGRESS, REJECTED, FAILED)})
ACTS = {"accept": ACCEPTED, "decline": REJECTED, "start": IN_PROGRESS, "close": COMPLETED}
TELEPHONED = {2: RECEIVED, 3: ACCEPTED, 4: REJECTED, 5: IN_PROGRESS, 6: COMPLETED}


@dataclasses.dataclass(frozen=True)
class Violation:
    rule: str
    text: str

    def __str__(self):
        return f"{self.rule}: {self.text}"


@dataclasses.dataclass
class Operation:
    who: str
    what: str
    invoked: float
    facts: dict
    ended: float = float("inf")
    how: str = "unknown"


class History:
    def __init__(self, lines):
        self.operations, self.notices, self.cases = [], [], []
        open_operations = {}
        for line in lines:
            if line["ev"] == "got":
                (self.notices if line["do"] == "notice" else self.cases).append(line)
            elif line["ev"] == "invoke":
                one = Operation(line["who"], line["do"], line["t"], line)
                open_operations[line["op"]] = one
                self.operations.append(one)
            else:
                one = open_operations[line["op"]]
                one.ended, one.how, one.facts = line["t"], line["ev"], {**one.facts, **line}

    def ok(self, *whats):
        return [one for one in self.operations if one.what in whats and one.how == "ok"]

    def maybe(self, *whats):
        """Those that were done, or may have been."""
        return [one for one in self.operations if one.what in whats and one.how != "fail"]


def _objects(record):
    """Whether the household said in this call that nobody is to call it again."""
    return record.facts.get("objects", False)


def acknowledged_is_there(history, evidence):
    """Nothing that was acknowledged to a client is missing."""
    name = "acknowledged and missing"
    attempts = {row["attempt"] for row in evidence["attempts"]}
    findings = {row["finding"] for row in evidence["findings"]}
    for one in history.ok("record"):
        if one.facts["attempt"] not in attempts:
            yield Violation(name, f"the call {one.facts['attempt']} of lease {one.facts['lease']}")
        for found in one.facts["findings"]:
            if found["finding"] not in findings:
                yield Violation(name, f"the finding {found['finding']}")
    leases = {row["lease"]: row["state"] for row in evidence["leases"]}
    for one in history.ok("lease"):
        if one.facts["lease"] not in leases:
            yield Violation(name, f"the lease {one.facts['lease']}")
    for one in history.ok("release"):
        if leases.get(one.facts["lease"]) not in ("RELEASED", "RECORDED", "EXPIRED"):
            yield Violation(name, f"the release of lease {one.facts['lease']}")
    objections = {row["household"]: row["calls_only"] for row in evidence["objections"]}
    for one in history.ok("object"):
        if objections.get(one.facts["household"], True):
            yield Violation(name, f"the objection of household {one.facts['household']}")
    for one in history.ok("record"):
        if _objects(one) and one.facts["household"] not in objections:
            yield Violation(name, f"the objection of household {one.facts['household']} in call "
                                  f"{one.facts['attempt']}")
    events = {(row["referral"], row["state"], row["fence"]) for row in evidence["events"]}
    states = {(row["referral"], row["state"]) for row in evidence["events"]}
    for one in history.ok(*ACTS):
        to = ACTS[one.what]
        there = ((one.facts["referral"], to, one.facts["fence"]) in events if one.what in ("accept", "start")
                 else (one.facts["referral"], to) in states)
        if not there:
            yield Violation(name, f"{one.what} of referral {one.facts['referral']} by {one.who}")
    said = collections.Counter((row["referral"], row["fence"], row["answer"])
                               for row in evidence["telephoned"])
    asked = {}
    for one in history.ok("telephone"):
        asked[one.facts["request"]] = (one.facts["referral"], one.facts["fence"], one.facts["answer"])
    for key, count in collections.Counter(asked.values()).items():
        if said[key] < count:
            yield Violation(name, f"an answer by telephone about referral {key[0]}")
    decided = {row["item"] for row in evidence["worklist"] if row["state"] == 2}
    for one in history.ok("decide"):
        if one.facts["item"] not in decided:
            yield Violation(name, f"the decision of item {one.facts['item']}")


def no_case_is_lost(history, evidence):
    """Every agreed need ends in exactly one accepted assignment, on the worklist, or as a person
    decided."""
    name = "case lost"
    referral_of = {row["finding"]: row["referral"] for row in evidence["referrals"]}
    referral_of.update({row["finding"]: row["referral"] for row in evidence["merged"]})
    referrals = {row["referral"]: row for row in evidence["referrals"]}
    waiting = {row["referral"] for row in evidence["worklist"] if row["state"] == 1}
    accepted = collections.Counter(row["referral"] for row in evidence["assignments"]
                                   if row["accepted"] and row["state"] in (OPEN, DONE))
    findings = {row["finding"]: row for row in evidence["findings"]}
    for one in history.ok("record"):
        for found in one.facts["findings"]:
            if not found["shared"]:
                continue
            finding = found["finding"]
            referral = referral_of.get(finding)
            if referral is None:
                if (findings.get(finding) or {}).get("reason") is None:
                    yield Violation(name, f"finding {finding} came to no referral and no coordinator")
                continue
            state = referrals[referral]["state"]
            ended = accepted[referral] == 1 and state in (ACCEPTED, IN_PROGRESS, COMPLETED)
            if not (ended or referral in waiting or state == CANCELLED):
                yield Violation(name, f"referral {referral} of finding {finding} stands "
                                      f"{STATES[state]}, accepted {accepted[referral]} times, and no "
                                      "coordinator is told")
    for row in evidence["outbox"]:
        yield Violation(name, f"{row['topic']} still waits in {row['database']}, tried {row['tries']} times")
    for row in evidence["findings"]:
        known = referrals.get(row["referral"])
        if known is not None and known["version"] != row["version"]:
            yield Violation(name, f"finding {row['finding']} knows version {row['version']} of referral "
                                  f"{row['referral']}, which is at {known['version']}")


def one_referral_per_finding_and_need(history, evidence):
    """A finding makes one referral, and a subject has one open referral for a need."""
    name = "referral twice"
    referrals = evidence["referrals"]
    findings = collections.Counter(row["finding"] for row in referrals + evidence["merged"])
    for finding, count in findings.items():
        if count > 1:
            yield Violation(name, f"finding {finding} has {count}")
    about = collections.Counter((row["tenant"], row["about"]) for row in referrals
                                if row["state"] not in (COMPLETED, CANCELLED))
    for (tenant, _), count in about.items():
        if count > 1:
            yield Violation(name, f"tenant {tenant} has {count} open for one need")


def accepted_once(history, evidence):
    """No partner accepts the same assignment twice, no two partners have the same referral."""
    name = "accepted twice"
    requests = collections.defaultdict(set)
    for one in history.ok("accept"):
        requests[one.facts["referral"], one.facts["fence"]].add((one.who, one.facts["request"]))
    for (referral, fence), accepts in requests.items():
        if len(accepts) > 1:
            yield Violation(name, f"referral {referral} in assignment {fence}, by "
                                  + ", ".join(sorted(who for who, _ in accepts)))
    live = collections.Counter(row["referral"] for row in evidence["assignments"] if row["state"] == OPEN)
    done = collections.Counter(row["referral"] for row in evidence["assignments"] if row["accepted"]
                               and row["state"] in (OPEN, DONE))
    for referral, count in live.items():
        if count > 1:
            yield Violation(name, f"referral {referral} is with {count} partners")
    for referral, count in done.items():
        if count > 1:
            yield Violation(name, f"referral {referral} was accepted by {count} partners that have it")


def _holds(history):
    """{household: [(from, until, volunteer, lease)]}: when a volunteer surely held it."""
    leases = {}
    for one in history.ok("lease"):
        lease = leases.setdefault(one.facts["lease"], {
            "household": one.facts["household"], "who": one.who, "from": one.ended, "until": 0.0})
        lease["until"] = max(lease["until"], one.facts["expire"])
    for one in history.ok("renew"):
        if one.facts["lease"] in leases:
            lease = leases[one.facts["lease"]]
            lease["until"] = max(lease["until"], one.facts["expire"])
    for one in history.operations:
        if one.what in ("release", "record") and one.facts["lease"] in leases:
            lease = leases[one.facts["lease"]]
            lease["until"] = min(lease["until"], one.invoked)
    holds = collections.defaultdict(list)
    for name, lease in leases.items():
        if lease["from"] < lease["until"]:
            holds[lease["household"]].append((lease["from"], lease["until"], lease["who"], name))
    return holds


def one_volunteer_at_once(history, evidence):
    """No household is with two volunteers at once, and no lease ends before its time."""
    name = "two volunteers"
    for household, holds in _holds(history).items():
        holds.sort()
        for before, after in zip(holds, holds[1:]):
            if after[0] < before[1]:
                yield Violation(name, f"household {household}: {before[2]} until {before[1]:.3f}, "
                                      f"{after[2]} from {after[0]:.3f}")
    closed = set()
    for row in evidence["leasing"]:
        if row["what"] == "change":
            closed.add(row["household"])
        elif (row["old"], row["new"]) == ("LIVE", "EXPIRED") and row["at"] < row["expire"] \
                and row["household"] not in closed:
            yield Violation(name, f"lease {row['lease']} was ended {row['expire'] - row['at']:.1f} s "
                                  "before its time")


def no_stale_record(history, evidence):
    """A record under a lease that ran out is late when somebody else has the household, or has
    recorded a call of it since."""
    name = "stale fence"
    holds = _holds(history)
    recorded = collections.defaultdict(list)
    for one in history.ok("record"):
        if not one.facts["late"]:
            recorded[one.facts["household"]].append(one)
    for household, records in recorded.items():
        for one in records:
            for begin, end, who, lease in holds[household]:
                if lease != one.facts["lease"] and begin < one.invoked and one.ended < end \
                        and not _repeats(history, one):
                    yield Violation(name, f"{one.who} recorded household {household} while {who} had it")
            for other in records:
                if other.facts["fence"] > one.facts["fence"] and other.ended < one.invoked \
                        and not _repeats(history, one):
                    yield Violation(name, f"{one.who} recorded household {household} in fence "
                                          f"{one.facts['fence']} after {other.who} in fence "
                                          f"{other.facts['fence']}")


def no_stale_delivery(history, evidence):
    """Who ends a push is who claimed it last."""
    name = "stale fence"
    holder = {}
    for row in evidence["delivering"]:
        delivery = row["delivery"]
        if row["old_fence"] is not None and row["new_fence"] > row["old_fence"]:
            holder[delivery] = row["writer"]
        elif row["old"] == SENDING and row["new"] in (DUE, DELIVERED, PARKED) and row["tries"] > 0 \
                and not row["by_person"] and holder.get(delivery) != row["writer"]:
            # Without tries: it is to be told once more, whoever was about to tell it.
            yield Violation(name, f"{row['writer']} ended delivery {delivery}, which "
                                  f"{holder.get(delivery)} had claimed")


def no_stale_assignment(history, evidence):
    """Nobody acts on an assignment after a newer one was known."""
    known = collections.defaultdict(list)  # referral: (time, fence)
    for got in history.notices + history.cases:
        known[got["referral"]].append((got["t"], got["fence"]))
    for one in history.ok(*ACTS):
        for at, fence in known[one.facts["referral"]]:
            if fence > one.facts["fence"] and at < one.invoked and not _repeats(history, one):
                yield Violation("stale fence", f"{one.who}: {one.what} of referral "
                                               f"{one.facts['referral']} in assignment "
                                               f"{one.facts['fence']}, when {fence} was there")
                break


def _repeats(history, one):
    """Whether the same request was sent before: its answer is then that of the first time."""
    return any(other.invoked < one.invoked and other.facts.get("request") == one.facts["request"]
               for other in history.operations if other.what == one.what)


def moves(evidence):
    """Each change of a referral: (referral, from, to, actor, fence, whether it changed hands)."""
    before = {}
    for row in evidence["events"]:
        last = before.get(row["referral"])
        if last is not None:
            yield (row["referral"], last["state"], row["state"], row["actor"], row["fence"],
                   row["fence"] != last["fence"])
        before[row["referral"]] = row


def legal_moves(history, evidence):
    """States move only along the table, by the actor that it names, who really acted."""
    name = "illegal move"
    partner_acts, calls, decisions = set(), set(), set()
    for one in history.maybe(*ACTS):
        partner_acts.add((one.facts["referral"], one.facts["fence"], ACTS[one.what]))
    for one in history.maybe("telephone"):
        calls.add((one.facts["referral"], one.facts["fence"], TELEPHONED.get(one.facts["answer"])))
    for one in history.maybe("decide"):
        decisions.add(one.facts["referral"])
    objecting = {one.facts["household"] for one in history.maybe("object")}
    household_of = {row["referral"]: row["household"] for row in evidence["referrals"]}
    last_fence = {}
    for row in evidence["events"]:
        last_fence.setdefault(row["referral"], row["fence"] or None)
    for referral, before, after, actor, fence, handed in moves(evidence):
        if before == after and not handed:
            continue  # reminded, or more urgent than it was
        if (before, after, actor) not in LEGAL:
            yield Violation(name, f"referral {referral}: {STATES[before]} to {STATES[after]} by the "
                                  f"{ACTORS[actor]}")
        held = fence if fence else last_fence.get(referral)
        last_fence[referral] = fence or held
        acted = {PARTNER: lambda: any((referral, f, after) in partner_acts for f in {held, fence}),
                 FOR_PARTNER: lambda: any((referral, f, after) in calls for f in {held, fence}),
                 COORDINATOR: lambda: referral in decisions,
                 SUBJECT: lambda: household_of.get(referral) in objecting}.get(actor)
        if acted is not None and held is not None and not acted():
            yield Violation(name, f"referral {referral}: {STATES[before]} to {STATES[after]} by the "
                                  f"{ACTORS[actor]}, who did nothing")


def told_what_was_sent(history, evidence):
    """What a partner got is what the database says was sent, no more and no less."""
    name = "told otherwise"
    deliveries = {row["delivery"]: row for row in evidence["deliveries"]}
    receipts = {got["receipt"]: got for got in history.notices if got["answer"] == "OK"}
    shared = {}
    for one in history.ok("record"):
        for found in one.facts["findings"]:
            shared[found["finding"]] = (found, one.facts["words"])
    first_finding = {row["referral"]: row["finding"] for row in evidence["referrals"]}
    for got in history.notices:
        row = deliveries.get(got["delivery"])
        if row is None:
            yield Violation(name, f"{got['who']} got a delivery {got['delivery']} that nobody sent")
        elif (row["referral"], row["fence"], row["partner"]) != (got["referral"], got["fence"],
                                                                 got["partner"]):
            yield Violation(name, f"{got['who']} got delivery {got['delivery']} of another")
    for got in history.notices + history.cases:
        found, words = shared.get(first_finding.get(got["referral"]), (None, None))
        if found is None:
            continue  # its record was never answered
        if got.get("withdrawn"):
            if got["need"] or got["urgency"] or got["words"]:
                yield Violation(name, f"{got['who']} got more than that referral {got['referral']} is gone")
            continue
        if got["need"] != found["need"] or got["urgency"] < found["urgency"]:
            yield Violation(name, f"{got['who']} got another need of referral {got['referral']}")
        if got["words"] and got["words"] != words:
            yield Violation(name, f"{got['who']} got other words of referral {got['referral']}")
    for row in deliveries.values():
        if row["state"] == DELIVERED and row["receipt"]:
            got = receipts.get(row["receipt"])
            if got is None or got["delivery"] != row["delivery"]:
                yield Violation(name, f"delivery {row['delivery']} has a receipt that nobody gave")
    for row in evidence["delivering"]:
        if (row["old"], row["new"]) == (SENDING, DELIVERED) and not row["by_person"] \
                and not row["receipt"]:
            yield Violation(name, f"delivery {row['delivery']} is DELIVERED without a receipt")


def stated_as_it_was_told(history, evidence):
    """What a partner got equals what the statement says that it was told: item by item, as often as it
    got it, and nothing that it neither asked for nor can have got."""
    name = "statement differs"
    stated, times = collections.Counter(), collections.Counter()
    holder = {(row["referral"], row["fence"]): row["partner"] for row in evidence["assignments"]}
    for row in evidence["told"]:
        referral, fence, partner, way = row["referral"], row["fence"], row["partner"], row["way"]
        stated[referral, fence, partner, way, row["items"]] += row["times"]
        times[way, referral, partner if way == READ else fence] += row["times"]
        if holder.get((referral, fence)) != partner:
            yield Violation(name, f"partner {partner} is to have been told of referral {referral} in "
                                  f"assignment {fence}, which it never had")
        if (row["items"] is None) != (way == TELEPHONE):
            yield Violation(name, f"what was told of referral {referral} in assignment {fence} is "
                                  + ("not there" if row["items"] is None else "from nowhere"))
    got = collections.Counter()
    for line in history.notices + history.cases:
        if line["items"] is not None:
            way = {"notice": PUSH, "case": READ, "list": LIST}[line["do"]]
            got[line["referral"], line["fence"], line["partner"], way, line["items"]] += 1
    for key, count in got.items():
        if stated[key] < count:
            yield Violation(name, f"partner {key[2]} got the same of referral {key[0]} in assignment "
                                  f"{key[1]} {count} times, {stated[key]} of them stated")
    possible = collections.Counter()
    about = {row["delivery"]: (row["referral"], row["fence"]) for row in evidence["deliveries"]}
    for row in evidence["delivering"]:
        if row["new"] == SENDING and row["new_fence"] > (row["old_fence"] or 0) and row["delivery"] in about:
            possible[(PUSH, *about[row["delivery"]])] += 1
    for one in history.maybe("read", *ACTS):
        possible[READ, one.facts["referral"], one.facts["partner"]] += 1
    for row in evidence["telephoned"]:
        if row["answer"] != 1:  # somebody was reached
            possible[TELEPHONE, row["referral"], row["fence"]] += 1
    for key, count in times.items():
        if key[0] != LIST and count > possible[key]:
            yield Violation(name, f"referral {key[1]} is to have been told {count} times, of "
                                  f"{possible[key]} that there can have been")
    for key, count in possible.items():
        if key[0] == TELEPHONE and times[key] < count:
            yield Violation(name, f"{count} calls about referral {key[1]}, {times[key]} of them stated")


def objections_hold(history, evidence):
    """Once an objection is known where calls are made, no lease of the household is granted; at the
    end nobody calls it any more, and no case of one that objects to the programme is with a partner
    or on its way there."""
    name = "objection ignored"
    calls = [one for one in history.ok("record") if _objects(one)]
    ending = {one.facts["lease"] for one in calls}  # a late record leaves its lease as it was
    closed = set()
    for row in evidence["leasing"]:
        if row["what"] == "change" or (row["new"] == "RECORDED" and row["lease"] in ending):
            closed.add(row["household"])
        elif row["old"] is None and row["household"] in closed:
            yield Violation(name, f"household {row['household']} was leased")
    states = {row["household"]: row["state"] for row in evidence["cohort"]}
    for one in history.ok("object") + calls:
        household = one.facts["household"]
        if states.get(household) not in (None, "CLOSED", "NEEDS_DECISION"):
            yield Violation(name, f"household {household} stands {states[household]}")
    objecting = {one.facts["household"] for one in history.ok("object")}
    stopped = set()
    for row in evidence["referrals"]:
        if row["household"] not in objecting:
            continue
        if row["state"] not in (COMPLETED, CANCELLED):
            yield Violation(name, f"referral {row['referral']} stands {STATES[row['state']]}")
        elif row["state"] == CANCELLED:
            stopped.add(row["referral"])
    for row in evidence["deliveries"]:
        if row["referral"] in stopped and row["state"] in (DUE, SENDING, PARKED) \
                and not row["withdrawal"]:
            yield Violation(name, f"delivery {row['delivery']} of referral {row['referral']} is still "
                                  "to be pushed")


def objections_go_as_far_as_said(history, evidence):
    """The register knows no objection that nobody made; and who objects to calls only, by saying so
    in a call, is helped as agreed: no case is withdrawn."""
    name = "objection mistaken"
    in_calls = {one.facts["household"] for one in history.maybe("record") if _objects(one)}
    to_programme = {one.facts["household"] for one in history.maybe("object")}
    for row in evidence["objections"]:
        if row["household"] not in (in_calls if row["calls_only"] else to_programme):
            yield Violation(name, f"household {row['household']} is to object to "
                                  + ("calls" if row["calls_only"] else "the programme"))
    household_of = {row["referral"]: row["household"] for row in evidence["referrals"]}
    for row in evidence["events"]:
        if row["actor"] == SUBJECT and household_of.get(row["referral"]) in in_calls - to_programme:
            yield Violation(name, f"referral {row['referral']} was withdrawn")


RULES = [acknowledged_is_there, no_case_is_lost, one_referral_per_finding_and_need, accepted_once,
         one_volunteer_at_once, no_stale_record, no_stale_delivery, no_stale_assignment, legal_moves,
         told_what_was_sent, stated_as_it_was_told, objections_hold, objections_go_as_far_as_said]


def check(lines, evidence):
    history = History(lines)
    return [violation for rule in RULES for violation in rule(history, evidence)]


def visited(evidence):
    """How often each pair of a state and what happened in it came."""
    pairs = collections.Counter()
    for _, before, after, actor, _, handed in moves(evidence):
        what = "told again" if before == after and not handed else f"to {STATES[after]}"
        pairs[f"{STATES[before]} × {ACTORS[actor]} {what}"] += 1
    return pairs
