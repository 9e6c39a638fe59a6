"""Volunteers: lease, call, record. Some take too long, some give the household back, some say
everything twice; now and then a household does not want to be called again."""
import time
import uuid

from actors import Actor, Door
from setup import NEEDS, NOT_COVERED
from wire import Error
from world import LEASE_SECONDS


class Volunteer(Actor):
    def __init__(self, name, seed, history, setting, addresses):
        super().__init__(name, seed)
        self._campaign = setting.campaign
        self._door = Door(history, name, self.random, addresses, role="volunteer", subject=name,
                          landlord=setting.landlord)

    def act(self):
        sheet = self._lease()
        lease = sheet.lease
        dice = self.random.random()
        if dice < 0.08:
            time.sleep(LEASE_SECONDS + self.random.uniform(0.2, 2))  # the lease runs out meanwhile
        elif dice < 0.14:
            self._renew(lease)
        if dice > 0.95:
            return self._release(lease)
        self.rest(self.random.uniform(0.02, 0.5))
        subjects = [tenant.tenant_id for tenant in sheet.contact.tenants if tenant.subject]
        self._record(lease, subjects)

    def _lease(self):
        def tell(answer):
            lease = answer.call_sheet.lease
            return {"lease": lease.lease_id, "household": lease.household_id, "fence": lease.fence,
                    "expire": lease.expire_time.ToNanoseconds() / 1e9}
        try:
            return self._door.insist("lease", "calls.v1.CallService/LeaseNextCall", {}, tell,
                                     campaign_id=self._campaign).call_sheet
        except Error:
            self.rest(0.5)
            raise

    def _facts(self, lease):
        return {"lease": lease.lease_id, "household": lease.household_id, "fence": lease.fence}

    def _about(self, lease):
        return {"campaign_id": self._campaign, "lease_id": lease.lease_id, "fence": lease.fence}

    def _renew(self, lease):
        def tell(answer):
            return {"expire": answer.lease.expire_time.ToNanoseconds() / 1e9}
        self._door.insist("renew", "calls.v1.CallService/RenewLease", self._facts(lease), tell,
                          **self._about(lease))

    def _release(self, lease):
        self._door.insist("release", "calls.v1.CallService/ReleaseLease", self._facts(lease),
                          lambda answer: {}, **self._about(lease))

    def _record(self, lease, subjects):
        from veille.calls.v1 import call_pb2
        from veille.common.v1 import need_pb2
        spoke = self.random.random() < 0.85 and subjects  # none: they have objected meanwhile
        fields = self._about(lease)
        words = ""
        if not spoke:
            fields["disposition"] = call_pb2.DISPOSITION_NO_ANSWER
        else:
            fields["disposition"] = self.random.choices(
                [call_pb2.DISPOSITION_CALLBACK_REQUESTED, call_pb2.DISPOSITION_COMPLETED,
                 call_pb2.DISPOSITION_OBJECTION], [83, 15, 2])[0]
            if fields["disposition"] == call_pb2.DISPOSITION_CALLBACK_REQUESTED:
                fields["callback_time"] = {"seconds": int(time.time()) + self.random.randint(1, 4)}
            words = f"words-{uuid.uuid4()}"
            tenant = self.random.choice(subjects)
            raised, agreements = [], []
            for need in self.random.sample(NEEDS + [NOT_COVERED], self.random.choice([0, 1, 1, 2])):
                need = need_pb2.Need.Value(f"NEED_{need}")
                urgency = self.random.choices([1, 2, 3], [76, 16, 8])[0]
                raised.append(call_pb2.RaisedFinding(tenant_id=tenant, need=need, urgency=urgency))
                agreements.append(call_pb2.Agreement(
                    tenant_id=tenant, kind=call_pb2.AGREEMENT_KIND_SHARE_NEED, need=need,
                    agreed=self.random.random() < 0.85, text_version="share-1", words=words))
            fields.update(raised_findings=raised, agreements=agreements)

        def tell(answer):
            found = [{"finding": f.finding_id, "need": f.need, "urgency": f.urgency, "shared": f.shared,
                      "tenant": f.tenant_id} for f in answer.findings]
            return {"attempt": answer.attempt_id, "late": answer.late, "findings": found,
                    "words": words}
        objects = fields["disposition"] == call_pb2.DISPOSITION_OBJECTION
        self._door.insist("record", "calls.v1.CallService/RecordCall",
                          {**self._facts(lease), "objects": objects}, tell, **fields)


class Objector(Actor):
    """The coordinator who writes down that a household objects to the whole programme."""

    def __init__(self, seed, history, setting, addresses):
        super().__init__("bea", seed)
        self._left = list(setting.households)
        self.random.shuffle(self._left)
        self._pause = 4.0
        self._door = Door(history, "bea", self.random, addresses, role="coordinator", subject="bea",
                          landlord=setting.landlord)

    def act(self):
        self.rest(self.random.expovariate(1 / self._pause))
        if self.stopping or not self._left:
            return
        household = self._left.pop()[0]
        self._door.insist("object", "registry.v1.RegistryService/RecordObjection",
                          {"household": household}, lambda answer: {"version": answer.version},
                          household_id=household)


def make(setting, seed, history, world):
    calls = [world.address("calls-1"), world.address("calls-2")]
    people = [Volunteer(name, seed, history, setting, calls) for name in setting.volunteers]
    return people + [Objector(seed, history, setting, [world.address("registry-1")])]
