"""Coordinators: one works off the worklist, telephones included; one decides about households."""
from actors import Actor, Door
from wire import Error


class Dispatcher(Actor):
    """Decides worklist items and telephones partners."""

    def __init__(self, seed, history, setting, addresses):
        super().__init__("ada", seed)
        self._setting = setting
        self._door = Door(history, "ada", self.random, addresses, 30.0, role="coordinator",
                          subject="ada", landlord=setting.landlord)

    def act(self):
        self.rest(self.random.uniform(0.1, 0.8))
        items = self._door.look("referral.v1.ReferralService/ListWorklist", page_size=200).items
        for item in self.random.sample(list(items), min(4, len(items))):
            if self.stopping:
                return
            try:
                self._take(item)
            except Error:  # somebody was faster, or it changed meanwhile
                continue

    def _take(self, item):
        from veille.referral.v1 import worklist_pb2 as worklist
        if item.reason == worklist.WORKLIST_REASON_TELEPHONE_PARTNER and self.random.random() < 0.9:
            return self._telephone(item.referral_id, item.assignment_fence)
        possible = list(item.possible_decisions)
        weights = {worklist.WORKLIST_DECISION_CANCEL: 1}
        if not possible:
            return None
        decision = self.random.choices(possible, [weights.get(one, 6) for one in possible])[0]
        fields = {"decision": decision}
        if decision == worklist.WORKLIST_DECISION_ASSIGN:
            fields["partner_id"] = self.random.choice(sorted(self._setting.partners))
        if decision == worklist.WORKLIST_DECISION_CANCEL:
            fields["note"] = "n"
        return self._door.insist(
            "decide", "referral.v1.ReferralService/DecideWorklistItem",
            {"item": item.worklist_item_id, "referral": item.referral_id, "decision": decision},
            lambda answer: {"state": answer.referral.state}, worklist_item_id=item.worklist_item_id,
            **fields)

    def _telephone(self, referral, fence, answer=None):
        from veille.common.v1 import referral_state_pb2 as states
        from veille.referral.v1 import referral_pb2 as pb
        if answer is None:
            answer = self.random.choices(
                [pb.PARTNER_ANSWER_KIND_NOT_REACHED, pb.PARTNER_ANSWER_KIND_RECEIVED,
                 pb.PARTNER_ANSWER_KIND_ACCEPTED, pb.PARTNER_ANSWER_KIND_DECLINED], [2, 1, 6, 2])[0]
        fields = {"answer": answer}
        if answer != pb.PARTNER_ANSWER_KIND_NOT_REACHED:
            fields["answered_by"] = "accueil"
        if answer == pb.PARTNER_ANSWER_KIND_DECLINED:
            fields["decline_reason"] = states.DECLINE_REASON_NO_CAPACITY
        return self._door.insist(
            "telephone", "referral.v1.ReferralService/RecordPartnerAnswer",
            {"referral": referral, "fence": fence, "answer": answer},
            lambda answer: {"state": answer.referral.state}, referral_id=referral,
            assignment_fence=fence, **fields)

    def settle(self, referral, fence):
        """Asks by telephone for what nobody at the partner has answered."""
        from veille.referral.v1 import referral_pb2 as pb
        self._telephone(referral, fence, pb.PARTNER_ANSWER_KIND_ACCEPTED)


class Decider(Actor):
    """Sends households that wait for a decision back to their calls."""

    def __init__(self, seed, history, setting, addresses):
        super().__init__("cora", seed)
        self._campaign = setting.campaign
        self._door = Door(history, "cora", self.random, addresses, 30.0, role="coordinator",
                          subject="cora", landlord=setting.landlord)

    def act(self):
        self.rest(self.random.uniform(0.1, 0.6))
        waiting = self._door.look("calls.v1.CampaignService/ListDecisions", campaign_id=self._campaign,
                                  page_size=200).decisions
        for decision in self.random.sample(list(waiting), min(6, len(waiting))):
            if self.stopping:
                return
            try:
                self._door.insist("decide_household", "calls.v1.CampaignService/DecideHousehold",
                                  {"household": decision.household_id}, lambda answer: {},
                                  campaign_id=self._campaign, household_id=decision.household_id,
                                  etag=decision.etag, note="n")
            except Error:
                continue
