"""A partner's machine: is told of referrals, fetches each case, accepts it and closes it.

  tests/clients/prepare python   # Debian's python3-grpcio; writes stubs, in build/clients/python
  export VEILLE_LANDLORD=<id> VEILLE_PARTNER=<id>   # see `veillectl partner list`; security.py
  /usr/bin/python3 -u build/clients/python/partner_inbox.py 127.0.0.1:7006  # its endpoint

Prints `SERVING <address>`, then a line per event with ids only. Ends at Ctrl-C."""
import os
import signal
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import grpc
from connection import Connection, Failure, new_id
from security import is_referral_service, listen
from veille.common.v1 import need_pb2, referral_state_pb2 as states
from veille.partner.v1 import (
    partner_desk_service_pb2 as pb, partner_desk_service_pb2_grpc as desk_grpc,
    referral_inbox_service_pb2 as inbox_pb2, referral_inbox_service_pb2_grpc as inbox_grpc)

NEW = (states.REFERRAL_STATE_REQUESTED, states.REFERRAL_STATE_RECEIVED)
OPEN = (*NEW, states.REFERRAL_STATE_ACCEPTED, states.REFERRAL_STATE_IN_PROGRESS)
LANDLORD, PARTNER = os.environ.get("VEILLE_LANDLORD"), os.environ.get("VEILLE_PARTNER")


class Inbox(inbox_grpc.ReferralInboxServiceServicer):
    told = threading.Event()

    def DeliverReferral(self, request, context):
        if not is_referral_service(context, LANDLORD):
            context.abort(grpc.StatusCode.PERMISSION_DENIED, "only the referral service delivers")
        # A notice may come twice or late. It only wakes the work, so that this does no harm.
        print("received", request.referral_id)
        self.told.set()
        # Our own number for it, the same each time. The answer is the receipt: no notice follows.
        return inbox_pb2.DeliverReferralResponse(receipt_number=f"sample-{request.delivery_id[:8]}")


def work_on(desk, referral_id):  # with the person, whom lists leave out
    case = desk.call("GetMyReferral", pb.GetMyReferralRequest(referral_id=referral_id)).partner_case
    print("fetched", referral_id, need_pb2.Need.Name(case.need), len(case.person.phones))
    act = {"referral_id": referral_id, "assignment_fence": case.assignment_fence}
    if case.state in NEW:  # here a person decides; DeclineReferral hands it to another partner
        desk.call("AcceptReferral", pb.AcceptReferralRequest(request_id=new_id(), **act))
        print("accepted", referral_id)
    # Here the meals are brought; StartReferral tells the landlord that somebody is at work.
    desk.call("CloseReferral", pb.CloseReferralRequest(
        request_id=new_id(), outcome=states.REFERRAL_OUTCOME_HELPED, **act))
    print("closed", referral_id)


def main(address, desk):
    server = grpc.server(ThreadPoolExecutor(max_workers=4))
    inbox_grpc.add_ReferralInboxServiceServicer_to_server(Inbox(), server)
    listen(server, address)
    server.start()
    print("SERVING", address)
    while True:  # the desk knows what is open, also what was told before this machine was started
        Inbox.told.clear()
        try:
            mine = pb.ListMyReferralsRequest(states=OPEN, page_size=1000)
            for case in desk.call("ListMyReferrals", mine).cases:
                try:
                    if not case.superseded:
                        work_on(desk, case.referral_id)
                except Failure as failure:  # the case stays open, and a coordinator sees it
                    print("left", case.referral_id, failure)
        except Failure as failure:  # such as a token that ran out: the next one may do
            print(failure, file=sys.stderr)
        Inbox.told.wait(timeout=60)


if __name__ == "__main__":
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: sys.exit(0))
    where = os.environ.get("VEILLE_REFERRAL_ADDRESS", "localhost:7003")
    main(sys.argv[1], Connection(desk_grpc.PartnerDeskServiceStub, where, role="partner",
                                 subject="partner-inbox", landlord=LANDLORD, partner=PARTNER))
