"""The checker against histories made by hand: what is sound passes, and each thing that must not
happen is found, as what it is."""
import copy
import unittest

import checker
from checker import (ACCEPTED, CANCELLED, CLOCK, COMPLETED, COORDINATOR, DELIVERED, DUE, ENGINE, OPEN,
                     PARKED, PARTNER, RECEIVED, REJECTED, REQUESTED, SENDING, SUBJECT)


def story():
    """One call, one need, one partner who accepts: (operations, notices, evidence)."""
    operations = [
        ("v1", "lease", 1.0, 1.1, "ok", {"lease": "L1", "household": "H1", "fence": 1, "expire": 7.0}),
        ("v1", "record", 2.0, 2.1, "ok", {
            "lease": "L1", "household": "H1", "fence": 1, "attempt": "A1", "late": False, "words": "w1",
            "request": "R1", "findings": [
                {"finding": "F1", "need": 1, "urgency": 1, "shared": True, "tenant": "T1"}]}),
        ("quick", "accept", 4.0, 4.1, "ok", {"referral": "X1", "fence": 1, "request": "R2", "partner": "P1"}),
    ]
    notices = [{"t": 3.0, "ev": "got", "who": "quick", "do": "notice", "partner": "P1", "delivery": "D1",
                "referral": "X1", "fence": 1, "version": 1, "need": 1, "urgency": 1, "receipt": "q1",
                "words": "w1", "items": "i1", "answer": "OK"}]
    evidence = {
        "attempts": [{"attempt": "A1", "lease": "L1"}],
        "findings": [{"finding": "F1", "household": "H1", "shared": True, "reason": None, "referral": "X1",
                      "state": "ACCEPTED", "version": 3}],
        "cohort": [{"household": "H1", "state": "DONE"}],
        "leases": [{"lease": "L1", "household": "H1", "fence": 1, "state": "RECORDED"}],
        "leasing": [
            {"number": 1, "at": 1.05, "what": "lease", "household": "H1", "lease": "L1", "volunteer": "V1",
             "old": None, "new": "LIVE", "expire": 7.0},
            {"number": 2, "at": 2.05, "what": "lease", "household": "H1", "lease": "L1", "volunteer": "V1",
             "old": "LIVE", "new": "RECORDED", "expire": 7.0}],
        "objections": [],
        "referrals": [{"referral": "X1", "finding": "F1", "tenant": "T1", "household": "H1", "state": ACCEPTED,
                       "version": 3, "urgency": 1, "open_fence": 1, "last_fence": 1, "about": "aa"}],
        "merged": [],
        "events": [event("X1", 1, REQUESTED, ENGINE), event("X1", 2, RECEIVED, ENGINE),
                   event("X1", 3, ACCEPTED, PARTNER)],
        "assignments": [assignment("X1", 1, "P1")],
        "deliveries": [{"delivery": "D1", "referral": "X1", "fence": 1, "partner": "P1", "state": DELIVERED,
                        "receipt": "q1", "withdrawal": False}],
        "delivering": [push(1, "r1", None, DUE, None, 0), push(2, "r1", DUE, SENDING, 0, 1),
                       push(3, "r1", SENDING, DELIVERED, 1, 1, "q1")],
        "told": [statement(checker.PUSH, "i1")],
        "worklist": [], "telephoned": [], "outbox": []}
    return operations, notices, evidence


def event(referral, version, state, actor, fence=1):
    return {"referral": referral, "version": version, "state": state, "actor": actor, "fence": fence}


def assignment(referral, fence, partner, state=OPEN, accepted=True):
    return {"referral": referral, "fence": fence, "partner": partner, "state": state, "accepted": accepted}


def statement(way, items, times=1, fence=1, partner="P1"):
    return {"referral": "X1", "fence": fence, "partner": partner, "way": way, "times": times, "items": items}


def push(number, writer, old, new, old_fence, new_fence, receipt="", by_person=False, tries=1):
    return {"tries": tries, "number": number, "writer": writer, "delivery": "D1", "old": old, "new": new,
            "old_fence": old_fence, "new_fence": new_fence, "receipt": receipt, "by_person": by_person}


def lines(operations, notices):
    written = list(notices)
    for number, (who, what, begin, end, how, facts) in enumerate(operations):
        told = {key: value for key, value in facts.items() if key not in ("attempt", "late", "findings")}
        written.append({"t": begin, "ev": "invoke", "who": who, "do": what, "op": number, **told})
        written.append({"t": end, "ev": how, "who": who, "do": what, "op": number, **facts})
    return sorted(written, key=lambda line: line["t"])


class CheckerTest(unittest.TestCase):
    def setUp(self):
        self.operations, self.notices, self.evidence = story()

    def found(self):
        violations = checker.check(lines(self.operations, self.notices), self.evidence)
        return sorted({violation.rule for violation in violations})

    def referral(self, **changed):
        self.evidence["referrals"][0].update(changed)

    def act(self, who, what, begin, **facts):
        self.operations.append((who, what, begin, begin + 0.1, "ok",
                                {"referral": "X1", "fence": 1, "request": f"R{begin}", **facts}))

    def assertFound(self, *rules):
        self.assertEqual(self.found(), sorted(rules))

    # What is sound.

    def test_a_case_that_was_accepted_is_sound(self):
        self.assertFound()

    def test_an_operation_that_nobody_answered_may_be_missing(self):
        who, what, begin, end, _, facts = self.operations[1]
        self.operations.append((who, what, 2.5, 2.6, "unknown", {"lease": "L9", "household": "H9", "fence": 1}))
        self.assertFound()

    def test_the_same_request_answered_twice_is_one_acceptance(self):
        self.act("quick", "accept", 5.0, request="R2", partner="P1")
        self.assertFound()

    def test_a_case_on_the_worklist_is_not_lost(self):
        self.operations.pop()
        self.evidence["events"].pop()
        self.referral(state=RECEIVED, version=2)
        self.evidence["findings"][0]["version"] = 2
        self.evidence["assignments"][0]["accepted"] = False
        self.evidence["worklist"] = [{"item": "W1", "referral": "X1", "reason": 4, "state": 1}]
        self.assertFound()

    def test_a_finding_that_stands_before_a_coordinator_is_not_lost(self):
        self.operations.pop()
        for what in ("referrals", "events", "assignments", "deliveries", "delivering", "told"):
            self.evidence[what] = []
        self.notices.clear()
        self.evidence["findings"][0].update(reason="NOT_SENDABLE", referral=None, version=0)
        self.assertFound()

    def test_a_lease_may_follow_one_that_ran_out(self):
        self.operations.append(("v2", "lease", 8.0, 8.1, "ok", {"lease": "L2", "household": "H1", "fence": 2,
                                                                "expire": 14.0}))
        self.evidence["leases"].append({"lease": "L2", "household": "H1", "fence": 2, "state": "LIVE"})
        self.assertFound()

    def test_a_coordinator_may_give_it_to_another_partner(self):
        self.act("ada", "decide", 5.0, item="W1", decision=1)
        self.act("late", "accept", 6.0, fence=2, partner="P2")
        self.evidence["events"] += [event("X1", 4, REQUESTED, COORDINATOR, 2), event("X1", 5, ACCEPTED, PARTNER, 2)]
        self.evidence["assignments"] = [assignment("X1", 1, "P1", checker.SUPERSEDED), assignment("X1", 2, "P2")]
        self.evidence["worklist"] = [{"item": "W1", "referral": "X1", "reason": 4, "state": 2}]
        self.referral(version=5)
        self.evidence["findings"][0]["version"] = 5
        self.assertFound()

    # What must not happen.

    def test_a_call_that_was_acknowledged_and_is_not_there(self):
        self.evidence["attempts"] = []
        self.assertFound("acknowledged and missing")

    def test_a_finding_that_was_acknowledged_and_is_not_there(self):
        self.evidence["findings"] = []
        self.assertFound("acknowledged and missing")

    def test_an_acceptance_that_was_acknowledged_and_is_not_there(self):
        self.evidence["events"].pop()
        self.assertFound("acknowledged and missing")

    def test_an_objection_that_was_acknowledged_and_is_not_there(self):
        self.operations.append(("bea", "object", 9.0, 9.1, "ok", {"household": "H2"}))
        self.assertFound("acknowledged and missing")

    def test_a_decision_and_a_telephone_call_that_were_acknowledged_and_are_not_there(self):
        self.act("ada", "decide", 5.0, item="W7", decision=1)
        self.assertFound("acknowledged and missing")
        self.operations.pop()
        self.act("ada", "telephone", 5.0, answer=1)
        self.assertFound("acknowledged and missing")

    def test_a_need_without_a_referral(self):
        self.operations.pop()
        for what in ("referrals", "events", "assignments", "deliveries", "delivering", "told"):
            self.evidence[what] = []
        self.notices.clear()
        self.assertFound("case lost")

    def test_a_referral_that_nobody_accepted_and_nobody_sees(self):
        self.operations.pop()
        self.evidence["events"].pop()
        self.referral(state=RECEIVED, version=2)
        self.evidence["findings"][0]["version"] = 2
        self.evidence["assignments"][0]["accepted"] = False
        self.assertFound("case lost")

    def test_a_message_that_still_waits(self):
        self.evidence["outbox"] = [{"database": "faults_calls", "topic": "create-referral", "tries": 9}]
        self.assertFound("case lost")

    def test_an_outcome_that_did_not_come_back(self):
        self.evidence["findings"][0]["version"] = 2
        self.assertFound("case lost")

    def test_two_referrals_of_one_finding(self):
        self.evidence["merged"] = [{"finding": "F1", "referral": "X1"}]
        self.assertFound("referral twice")

    def test_two_open_referrals_for_one_need(self):
        self.evidence["referrals"].append({**self.evidence["referrals"][0], "referral": "X2", "finding": "F2"})
        self.assertFound("referral twice")

    def test_one_assignment_accepted_by_two_requests(self):
        self.act("quick", "accept", 5.0, partner="P1")
        self.assertFound("accepted twice")

    def test_two_partners_who_have_the_same(self):
        self.evidence["assignments"].append(assignment("X1", 2, "P2", accepted=False))
        self.assertFound("accepted twice")

    def test_two_volunteers_at_once(self):
        self.operations[1] = ("v1", "record", 6.0, 6.1, "ok", self.operations[1][5])
        self.operations.append(("v2", "lease", 3.0, 3.1, "ok", {"lease": "L2", "household": "H1", "fence": 2,
                                                                "expire": 9.0}))
        self.evidence["leases"].append({"lease": "L2", "household": "H1", "fence": 2, "state": "LIVE"})
        self.assertIn("two volunteers", self.found())

    def test_a_lease_that_was_ended_before_its_time(self):
        self.evidence["leasing"][1].update(new="EXPIRED")
        self.assertFound("two volunteers")

    def test_a_record_of_a_household_that_somebody_else_has(self):
        self.operations[1] = ("v1", "record", 9.0, 9.1, "ok", self.operations[1][5])
        self.operations.append(("v2", "lease", 8.0, 8.1, "ok", {"lease": "L2", "household": "H1", "fence": 2,
                                                                "expire": 14.0}))
        self.evidence["leases"].append({"lease": "L2", "household": "H1", "fence": 2, "state": "LIVE"})
        self.assertFound("stale fence")

    def test_a_record_after_one_of_a_later_lease(self):
        first = self.operations[1][5]
        self.operations[1] = ("v1", "record", 9.0, 9.1, "ok", first)
        lease = {"lease": "L2", "household": "H1", "fence": 2}
        self.operations.append(("v2", "lease", 8.0, 8.1, "ok", {**lease, "expire": 14.0}))
        self.operations.append(("v2", "record", 8.2, 8.3, "ok", {
            **first, **lease, "attempt": "A2", "findings": [], "request": "R9"}))
        self.evidence["attempts"].append({"attempt": "A2", "lease": "L2"})
        self.evidence["leases"].append({**lease, "state": "RECORDED"})
        self.assertFound("stale fence")

    def test_such_a_record_is_sound_when_it_is_late(self):
        facts = {**self.operations[1][5], "late": True}
        self.operations[1] = ("v1", "record", 9.0, 9.1, "ok", facts)
        self.operations.append(("v2", "lease", 8.0, 8.1, "ok", {"lease": "L2", "household": "H1", "fence": 2,
                                                                "expire": 14.0}))
        self.evidence["leases"].append({"lease": "L2", "household": "H1", "fence": 2, "state": "LIVE"})
        self.assertFound()

    def test_a_push_ended_by_who_claimed_it_before(self):
        self.evidence["delivering"][2:] = [push(3, "r2", SENDING, SENDING, 1, 2),
                                           push(4, "r1", SENDING, DELIVERED, 2, 2, "q1")]
        self.assertFound("stale fence")

    def test_a_push_parked_or_put_back_by_who_claimed_it_before(self):
        for end in (PARKED, DUE):
            self.evidence["delivering"][2:] = [push(3, "r2", SENDING, SENDING, 1, 2),
                                               push(4, "r1", SENDING, end, 2, 2)]
            self.assertFound("stale fence")

    def test_what_is_told_once_more_was_not_ended(self):
        self.evidence["delivering"][2:2] = [push(3, "r2", SENDING, DUE, 1, 1, tries=0),
                                            push(4, "r1", DUE, SENDING, 1, 2)]
        self.assertFound()

    def test_an_act_on_an_assignment_that_another_has_followed(self):
        self.notices.append({**self.notices[0], "t": 3.5, "fence": 2, "who": "late", "partner": "P2",
                             "delivery": "D2", "receipt": "q2", "items": None})
        self.evidence["deliveries"].append({"delivery": "D2", "referral": "X1", "fence": 2, "partner": "P2",
                                            "state": DELIVERED, "receipt": "q2"})
        self.assertFound("stale fence")

    def test_a_move_that_the_table_does_not_have(self):
        self.evidence["events"][2]["actor"] = ENGINE
        self.assertFound("illegal move")
        self.evidence["events"][2] = event("X1", 3, ACCEPTED, CLOCK)
        self.assertFound("illegal move")
        self.evidence["events"].append(event("X1", 4, REQUESTED, PARTNER))
        self.assertIn("illegal move", self.found())

    def test_a_move_by_somebody_who_did_nothing(self):
        self.operations.pop()
        self.assertFound("illegal move")

    def test_a_coordinators_move_without_a_decision(self):
        self.evidence["events"].append(event("X1", 4, REQUESTED, COORDINATOR, 2))
        self.assertIn("illegal move", self.found())

    def test_a_notice_that_nobody_sent(self):
        self.notices[0]["delivery"] = "D9"
        self.assertIn("told otherwise", self.found())

    def test_a_notice_to_another_partner(self):
        self.notices[0]["partner"] = "P2"
        self.assertFound("statement differs", "told otherwise")

    def test_another_need_other_words(self):
        self.notices[0]["need"] = 2
        self.assertFound("told otherwise")
        self.notices[0].update(need=1, words="w2")
        self.assertFound("told otherwise")

    def test_a_withdrawal_that_tells_more_than_that(self):
        self.notices.append({**self.notices[0], "withdrawn": True, "need": 0, "urgency": 0, "words": None,
                             "items": None})
        self.assertNotIn("told otherwise", self.found())
        self.notices[-1]["need"] = 1
        self.assertFound("told otherwise")

    # What the statement says.

    def got(self, what, items, **facts):
        self.notices.append({"t": 5.0, "ev": "got", "who": "quick", "do": what, "partner": "P1",
                             "referral": "X1", "fence": 1, "version": 3, "need": 1, "urgency": 1,
                             "words": "", "items": items, **facts})

    def read(self, how="ok"):
        self.operations.append(("quick", "read", 4.8, 5.1, how, {"referral": "X1", "partner": "P1"}))

    def state(self, *told):
        self.evidence["told"] = [statement(checker.PUSH, "i1"), *told]

    def test_what_was_read_and_listed_is_stated(self):
        self.read()
        self.got("case", "i2")
        for _ in range(2):
            self.got("list", "i3")
        self.state(statement(checker.READ, "i2"), statement(checker.LIST, "i3", times=9))
        self.assertFound()

    def test_what_was_read_may_be_lost_on_its_way(self):
        self.read("unknown")
        self.state(statement(checker.READ, "i2"))
        self.assertFound()

    def test_a_try_that_did_not_arrive_is_stated(self):
        self.state(statement(checker.PUSH, "i4"))
        self.evidence["delivering"][1:1] = [push(2, "r1", DUE, SENDING, 0, 1), push(3, "r1", SENDING, DUE, 1, 1)]
        self.evidence["delivering"][3].update(old_fence=1, new_fence=2)
        self.evidence["delivering"][4].update(old_fence=2, new_fence=2)
        self.assertFound()

    def test_calls_are_stated_without_items(self):
        self.evidence["telephoned"] = [{"referral": "X1", "fence": 1, "answer": answer} for answer in (1, 3)]
        self.state(statement(checker.TELEPHONE, None))
        self.assertFound()

    def test_something_that_is_not_stated(self):
        self.evidence["told"] = []
        self.assertFound("statement differs")
        self.state()
        self.got("list", "i3")
        self.assertFound("statement differs")

    def test_something_else_than_what_is_stated(self):
        self.evidence["told"] = [statement(checker.PUSH, "i9")]
        self.assertFound("statement differs")

    def test_something_that_came_more_often_than_is_stated(self):
        for _ in range(2):
            self.read()
            self.got("case", "i2")
        self.state(statement(checker.READ, "i2"))
        self.assertFound("statement differs")

    def test_something_that_is_stated_of_another_partner(self):
        self.state(statement(checker.LIST, "i3", partner="P2"))
        self.assertFound("statement differs")

    def test_a_push_that_is_stated_and_was_not_made(self):
        self.evidence["told"] = [statement(checker.PUSH, "i1", times=2)]
        self.assertFound("statement differs")

    def test_a_look_that_is_stated_and_that_nobody_took(self):
        self.state(statement(checker.READ, "i2", times=2))  # one is the acceptance
        self.assertFound("statement differs")

    def test_calls_that_are_stated_wrongly(self):
        self.evidence["telephoned"] = [{"referral": "X1", "fence": 1, "answer": 3}]
        self.assertFound("statement differs")
        self.state(statement(checker.TELEPHONE, None, times=2))
        self.assertFound("statement differs")
        self.state(statement(checker.TELEPHONE, "i1"))
        self.assertFound("statement differs")
        self.evidence["told"] = [statement(checker.PUSH, "i1"), statement(checker.PUSH, None, times=0)]
        self.assertFound("statement differs")

    def test_a_receipt_that_nobody_gave(self):
        self.notices[0]["answer"] = "UNAVAILABLE"
        self.assertFound("told otherwise")

    def test_delivered_without_a_receipt(self):
        self.evidence["delivering"][2]["receipt"] = ""
        self.assertFound("told otherwise")

    def test_a_lease_after_an_objection(self):
        self.evidence["leasing"].append({**self.evidence["leasing"][0], "what": "change"})
        self.evidence["leasing"].append({**self.evidence["leasing"][0], "lease": "L2"})
        self.assertFound("objection ignored")

    def test_an_objection_that_changed_nothing(self):
        self.operations.append(("bea", "object", 9.0, 9.1, "ok", {"household": "H1"}))
        self.evidence["objections"] = [{"household": "H1", "calls_only": False}]
        self.assertFound("objection ignored")

    def object(self, **referral):
        self.operations.append(("bea", "object", 9.0, 9.1, "ok", {"household": "H1"}))
        self.evidence["objections"] = [{"household": "H1", "calls_only": False}]
        self.evidence["cohort"][0]["state"] = "CLOSED"
        self.evidence["events"].append(event("X1", 4, CANCELLED, SUBJECT, 0))
        self.evidence["findings"][0]["version"] = 4
        self.evidence["assignments"][0]["state"] = checker.SUPERSEDED
        self.referral(**{"version": 4, "state": CANCELLED, **referral})
        self.evidence["deliveries"][0].update(state=checker.WITHDRAWN, withdrawal=True)

    def test_an_objection_that_withdrew(self):
        self.object()
        self.assertFound()

    def test_an_objection_that_left_the_referral_as_it_was(self):
        self.object()
        self.evidence["events"].pop()
        self.evidence["findings"][0]["version"] = 3
        self.evidence["assignments"][0]["state"] = OPEN
        self.referral(version=3, state=ACCEPTED)
        self.assertFound("objection ignored")

    def test_a_case_on_its_way_to_a_partner_after_an_objection(self):
        self.object()
        self.evidence["deliveries"][0].update(state=checker.DUE, withdrawal=False)
        self.assertFound("objection ignored")

    def test_withdrawn_by_an_objection_that_nobody_made(self):
        self.object()
        self.operations.pop()
        self.evidence["objections"] = []
        self.assertFound("illegal move")

    # An objection that is said in a call.

    def never_again(self, **facts):
        who, what, begin, end, how, call = self.operations[1]
        self.operations[1] = (who, what, begin, end, how, {**call, "objects": True, **facts})
        self.evidence["objections"] = [{"household": "H1", "calls_only": True}]
        self.evidence["cohort"][0]["state"] = "CLOSED"

    def leased_again(self, number, begin):
        lease = {"lease": "L2", "household": "H1", "fence": 2}
        self.operations.append(("v2", "lease", begin, begin + 0.1, "ok", {**lease, "expire": begin + 6}))
        self.evidence["leases"].append({**lease, "state": "EXPIRED"})
        self.evidence["leasing"].insert(number, {
            **self.evidence["leasing"][0], "number": number, "at": begin, "lease": "L2", "expire": begin + 6})

    def late(self):
        """Said under a lease that had run out, after another volunteer had got the household."""
        self.never_again(late=True)
        who, what, _, _, how, call = self.operations[1]
        self.operations[1] = (who, what, 9.0, 9.1, how, call)
        self.evidence["leasing"][1].update(new="EXPIRED", at=7.1)
        self.leased_again(2, 8.0)

    def test_who_objects_in_a_call_is_helped_as_agreed(self):
        self.never_again()
        self.assertFound()

    def test_an_objection_in_a_call_that_nobody_answered_may_be_there_or_not(self):
        facts = {"lease": "L9", "household": "H9", "fence": 1, "objects": True}
        self.operations.append(("v1", "record", 2.5, 2.6, "unknown", facts))
        self.assertFound()
        self.evidence["objections"] = [{"household": "H9", "calls_only": True}]
        self.assertFound()

    def test_an_objection_in_a_call_that_did_not_reach_the_register(self):
        self.never_again()
        self.evidence["objections"] = []
        self.assertFound("acknowledged and missing")

    def test_a_lease_after_an_objection_in_a_call(self):
        self.never_again()
        self.leased_again(2, 3.0)
        self.assertFound("objection ignored")

    def test_a_household_that_is_called_although_it_objected_in_a_call(self):
        self.never_again()
        self.evidence["cohort"][0]["state"] = "PENDING"
        self.assertFound("objection ignored")

    def test_who_objects_in_a_late_record_may_be_leased_until_the_register_says_so(self):
        self.late()
        self.evidence["leasing"].append({**self.evidence["leasing"][0], "what": "change"})
        self.assertFound()

    def test_a_lease_after_a_late_objection_has_come_back(self):
        self.late()
        self.evidence["leasing"].append({**self.evidence["leasing"][0], "what": "change"})
        self.leased_again(4, 15.0)
        self.assertFound("objection ignored")

    def test_an_objection_to_calls_that_is_taken_for_one_to_the_programme(self):
        self.never_again()
        self.evidence["objections"][0]["calls_only"] = False
        self.assertFound("objection mistaken")

    def test_an_objection_to_the_programme_that_is_taken_for_one_to_calls(self):
        self.object()
        self.evidence["objections"][0]["calls_only"] = True
        self.assertFound("acknowledged and missing", "objection mistaken")

    def test_an_objection_to_the_programme_after_one_to_calls(self):
        self.never_again()
        self.object()
        self.assertFound()
        self.evidence["objections"][0]["calls_only"] = True
        self.assertFound("acknowledged and missing")

    def test_an_objection_in_the_register_that_nobody_made(self):
        self.evidence["objections"] = [{"household": "H7", "calls_only": True}]
        self.assertFound("objection mistaken")

    def test_a_referral_that_an_objection_to_calls_withdrew(self):
        self.object()
        self.operations.pop()
        self.never_again()
        self.assertFound("illegal move", "objection mistaken")

    def test_a_referral_that_an_objection_to_calls_kept_from_its_partner(self):
        self.never_again()
        self.operations.pop()
        self.notices.clear()
        for what in ("assignments", "deliveries", "delivering", "told"):
            self.evidence[what] = []
        self.evidence["events"] = [event("X1", 1, CANCELLED, SUBJECT, 0)]
        self.referral(state=CANCELLED, version=1)
        self.evidence["findings"][0].update(state="CANCELLED", version=1)
        self.assertFound("objection mistaken")

    def test_declined_and_given_to_the_next(self):
        before = copy.deepcopy(self.evidence["events"][:2])
        self.operations[2] = ("quick", "decline", 4.0, 4.1, "ok", self.operations[2][5])
        self.act("late", "accept", 6.0, fence=2, partner="P2")
        self.evidence["events"] = before + [event("X1", 3, REJECTED, PARTNER, 0), event("X1", 4, REQUESTED, ENGINE, 2),
                                            event("X1", 5, ACCEPTED, PARTNER, 2), event("X1", 6, COMPLETED, PARTNER, 0)]
        self.act("late", "close", 7.0, fence=2, partner="P2")
        self.evidence["assignments"] = [assignment("X1", 1, "P1", checker.DECLINED, False),
                                        assignment("X1", 2, "P2", checker.DONE)]
        self.referral(version=6, state=COMPLETED)
        self.evidence["findings"][0]["version"] = 6
        self.assertFound()


if __name__ == "__main__":
    unittest.main()
