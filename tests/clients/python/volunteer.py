"""A volunteer: leases the next call, reads whom to call, records what was said.

  tests/clients/prepare python   # Debian's python3-grpcio; writes stubs, in build/clients/python
  export VEILLE_TLS_AUTHORITY=… VEILLE_TOKEN_FILE=…  # an enrolled volunteer's; see security.py
  /usr/bin/python3 build/clients/python/volunteer.py <campaign id>

When no household is due it waits as long as the service says, and asks again.
"""

import os
import sys

from connection import Connection, Failure, new_id
from veille.calls.v1 import call_pb2, call_service_pb2, call_service_pb2_grpc
from veille.calls.v1 import script_service_pb2, script_service_pb2_grpc
from veille.common.v1 import need_pb2

ADDRESS = os.environ.get("VEILLE_CALLS_ADDRESS", "localhost:7002")


def make_one_call(calls: Connection, scripts: Connection, campaign_id: str) -> None:
    # An app that crashes from here on asks again and is given the same household.
    lease = calls.call("LeaseNextCall", call_service_pb2.LeaseNextCallRequest(
        request_id=new_id(), campaign_id=campaign_id)).call_sheet.lease
    # The sheet came with the lease; this is how to have it again while the lease lives. It is shown
    # and forgotten: names and phone numbers belong in no log and no file.
    sheet = calls.call("GetCallSheet", call_service_pb2.GetCallSheetRequest(
        campaign_id=campaign_id, lease_id=lease.lease_id)).call_sheet
    phone = next(p for p in sheet.contact.phones if p.position == sheet.lease.phone_position)
    subject = next(t for t in sheet.contact.tenants if t.subject)
    print(f"call {subject.given_name} {subject.family_name} at {phone.e164}")

    # An app walks through script.questions; here the tenant's answers stand beforehand, and fit
    # deploy/samples/script.json. A published version never changes: keep it.
    script = scripts.call("GetScript", script_service_pb2.GetScriptRequest(
        script_id=sheet.script_id, version=sheet.script_version)).script
    share = call_pb2.AGREEMENT_KIND_SHARE_NEED
    asked = next(text for text in script.agreement_texts if text.kind == share)
    about = {"tenant_id": subject.tenant_id}
    recorded = calls.call("RecordCall", call_service_pb2.RecordCallRequest(
        request_id=new_id(),
        campaign_id=campaign_id,
        lease_id=lease.lease_id,
        fence=lease.fence,
        disposition=call_pb2.DISPOSITION_COMPLETED,
        answers=[
            call_pb2.Answer(**about, question_id="morale", choice_id="low"),
            call_pb2.Answer(**about, question_id="meals", boolean=False),
            call_pb2.Answer(**about, question_id="days_left", number=2),
        ],
        # Without it the need is no partner's business: it waits for a coordinator.
        agreements=[call_pb2.Agreement(
            **about, kind=share, need=need_pb2.NEED_MEALS, agreed=True,
            text_version=asked.text_version, words="Des repas à domicile, sans sel.")],
    ))
    for instruction in recorded.emergency_instructions:
        print(f"NOW: {instruction.text}")
    for finding in recorded.findings:
        print(f"found {need_pb2.Need.Name(finding.need)} "
              f"{need_pb2.Urgency.Name(finding.urgency)} shared={str(finding.shared).lower()}")
    print(f"recorded {recorded.attempt_id}")


if __name__ == "__main__":
    who = {"role": "volunteer", "subject": os.environ.get("VEILLE_SUBJECT"),
           "landlord": os.environ.get("VEILLE_LANDLORD")}
    try:
        make_one_call(Connection(call_service_pb2_grpc.CallServiceStub, ADDRESS, **who),
                      Connection(script_service_pb2_grpc.ScriptServiceStub, ADDRESS, **who),
                      sys.argv[1] if len(sys.argv) > 1 else "")
    except Failure as failure:
        sys.exit(str(failure))
