"""Partners: a machine that is told of referrals, and people who answer them. Each has a manner of
its own (setup.MANNERS); once the faults are over all machines answer at once and all people but
those who forget take what they have."""
import concurrent.futures
import threading
import time
import uuid

import grpc

import told
from actors import Actor, Door
from wire import Error

DELIVER = "/veille.partner.v1.ReferralInboxService/DeliverReferral"


class Machine:
    """A partner's inbox."""

    def __init__(self, manner, partner_of, random_, history, port):
        self.manner, self._partner_of, self._random, self._history = manner, partner_of, random_, history
        self._port, self._server = port, None
        self.patient = False  # the faults are over
        self.told = threading.Event()

    def start(self):
        from veille.partner.v1 import referral_inbox_service_pb2 as inbox
        handler = grpc.unary_unary_rpc_method_handler(
            self._deliver, request_deserializer=inbox.DeliverReferralRequest.FromString,
            response_serializer=inbox.DeliverReferralResponse.SerializeToString)
        self._server = grpc.server(concurrent.futures.ThreadPoolExecutor(max_workers=40))
        self._server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler(
            "veille.partner.v1.ReferralInboxService", {"DeliverReferral": handler})])
        if self._server.add_insecure_port(f"127.0.0.1:{self._port}") != self._port:
            raise RuntimeError(f"no port {self._port}")
        self._server.start()

    def stop(self):
        self._server.stop(0).wait()

    def _deliver(self, request, context):
        from veille.partner.v1 import referral_inbox_service_pb2 as inbox
        receipt = f"{self.manner}-{uuid.uuid4()}"
        error = self._manners(context)
        self._history.add(
            "got", self.manner, "notice", partner=self._partner_of(self.manner),
            delivery=request.delivery_id, referral=request.referral_id,
            fence=request.assignment_fence, version=request.version, need=request.need,
            urgency=request.urgency, receipt=receipt, withdrawn=getattr(request, "withdrawn", False),
            words=request.partner_case.words if request.HasField("partner_case") else None,
            items=told.digest(told.items(request)),
            answer="OK" if error is None else error.name)
        if error is not None:
            context.abort(error, "not now")
        self.told.set()
        return inbox.DeliverReferralResponse(receipt_number=receipt)

    def _manners(self, context):
        """Waits as this partner does; the error that it answers with."""
        if self.patient:
            return None
        if self.manner == "late":
            time.sleep(self._random.uniform(0.2, 3))
        elif self.manner == "never":
            time.sleep(min(context.time_remaining() or 10, 12))
            return grpc.StatusCode.DEADLINE_EXCEEDED
        elif self.manner == "wrong" and self._random.random() < 0.6:
            return self._random.choice([
                grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.INTERNAL, grpc.StatusCode.UNKNOWN,
                grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.StatusCode.INVALID_ARGUMENT,
                grpc.StatusCode.PERMISSION_DENIED])
        return None


class People(Actor):
    """Who reads what the machine was told, and answers."""

    def __init__(self, machine, partner, seed, history, setting, addresses):
        super().__init__(machine.manner, seed)
        self._machine, self._partner, self._history = machine, partner, history
        self._door = Door(history, machine.manner, self.random, addresses, 30.0, role="partner",
                          subject=machine.manner, landlord=setting.landlord, partner=partner)
        self._stale = []
        self._listed = set()

    def act(self):
        self._machine.told.wait(0.5)
        self._machine.told.clear()
        if not self._machine.patient:
            if self.name in ("forgets", "never"):
                return self.rest(1)
            self.rest(self.random.uniform(0.1, 3 if self.name == "late" else 0.5))
        for case in self._open_cases():
            if self.stopping:
                return
            try:
                self._work_on(case)
            except Error:
                continue

    def _open_cases(self):
        from veille.common.v1 import referral_state_pb2 as states
        if self._machine.patient and self.name == "forgets":
            return []
        new = [states.REFERRAL_STATE_REQUESTED, states.REFERRAL_STATE_RECEIVED]
        at_work = [states.REFERRAL_STATE_ACCEPTED, states.REFERRAL_STATE_IN_PROGRESS]
        wanted = new if self._machine.patient else new + at_work
        cases = self._door.look("partner.v1.PartnerDeskService/ListMyReferrals", states=wanted,
                                page_size=200).cases
        for case in cases:
            seen = (case.referral_id, case.assignment_fence, told.digest(told.items(case)))
            if seen not in self._listed:
                self._listed.add(seen)
                self._note("list", case)
        return [case for case in cases if not case.superseded]

    def open_count(self):
        return len(self._open_cases())

    def _work_on(self, case):
        from veille.common.v1 import referral_state_pb2 as states
        self._read(case)
        if self._stale and self.random.random() < 0.05:  # somebody works off an old printout
            self._say("accept", *self.random.choice(self._stale))
        mine = (case.referral_id, case.assignment_fence)
        if case.state in (states.REFERRAL_STATE_REQUESTED, states.REFERRAL_STATE_RECEIVED):
            self._stale = (self._stale + [mine])[-50:]
            if not self._machine.patient and self._declines():
                return self._say("decline", *mine, reason=states.DECLINE_REASON_NO_CAPACITY)
            self._say("accept", *mine)
            if self.name == "twice":
                self._say("accept", *mine)  # another request: refused
        elif case.state == states.REFERRAL_STATE_ACCEPTED and self.random.random() < 0.3:
            self._say("start", *mine)
        elif self.random.random() < 0.5:
            outcome = (states.REFERRAL_OUTCOME_HELPED if self.random.random() < 0.9
                       else states.REFERRAL_OUTCOME_COULD_NOT_HELP)
            self._say("close", *mine, outcome=outcome, note="n")

    def _declines(self):
        return self.random.random() < (0.7 if self.name == "declines" else 0.08)

    def _read(self, case):
        with self._history.operation(self.name, "read", partner=self._partner,
                                     referral=case.referral_id) as operation:
            seen = self._door.look("partner.v1.PartnerDeskService/GetMyReferral",
                                   referral_id=case.referral_id).partner_case
            self._note("case", seen)
            operation.ok()

    def _note(self, what, case):
        self._history.add("got", self.name, what, partner=self._partner, referral=case.referral_id,
                          fence=case.assignment_fence, version=case.version, need=case.need,
                          urgency=case.urgency, words=case.words, items=told.digest(told.items(case)))

    def _say(self, what, referral, fence, **fields):
        method = {"accept": "Accept", "decline": "Decline", "start": "Start", "close": "Close"}[what]

        def tell(answer):
            self._note("case", answer.partner_case)
            return {"state": answer.partner_case.state}

        try:
            self._door.insist(what, f"partner.v1.PartnerDeskService/{method}Referral",
                              {"partner": self._partner, "referral": referral, "fence": fence},
                              tell, referral_id=referral, assignment_fence=fence, **fields)
        except Error as error:
            if not error.known:
                raise
