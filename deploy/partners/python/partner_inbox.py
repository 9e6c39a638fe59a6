"""A partner's machine: is told of referrals, fetches each case, accepts it and closes it.

  tests/clients/prepare python   # Debian's python3-grpcio; writes stubs, in build/clients/python
  export VEILLE_LANDLORD=<id> VEILLE_PARTNER=<id>   # see `veillectl partner list`; security.py
  /usr/bin/python3 -u build/clients/python/partner_inbox.py 127.0.0.1:7006  # its endpoint

Prints a line per event, with ids only, and `SERVING <address>` when nothing is left of what was told
before. Ends at Ctrl-C."""
import signal
import sys
from concurrent.futures import ThreadPoolExecutor

import grpc
from desk import LANDLORD, told, work_for_ever
from security import is_referral_service, listen
from veille.partner.v1 import (
    referral_inbox_service_pb2 as inbox_pb2, referral_inbox_service_pb2_grpc as inbox_grpc)


class Inbox(inbox_grpc.ReferralInboxServiceServicer):
    def DeliverReferral(self, request, context):
        if not is_referral_service(context, LANDLORD):
            context.abort(grpc.StatusCode.PERMISSION_DENIED, "only the referral service delivers")
        # A notice may come twice or late. It only wakes the work, so that this does no harm.
        print("received", request.referral_id)
        told.set()
        # Our own number for it, the same each time. The answer is the receipt: no notice follows.
        return inbox_pb2.DeliverReferralResponse(receipt_number=f"sample-{request.delivery_id[:8]}")


def main(address):
    server = grpc.server(ThreadPoolExecutor(max_workers=4))
    inbox_grpc.add_ReferralInboxServiceServicer_to_server(Inbox(), server)
    listen(server, address)
    server.start()
    work_for_ever(address)


if __name__ == "__main__":
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: sys.exit(0))
    main(sys.argv[1])
