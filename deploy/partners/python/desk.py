"""What a partner's machine does at the desk: fetches each case, accepts it and closes it."""
import os
import sys
import threading

from connection import Connection, Failure, new_id
from veille.common.v1 import need_pb2, referral_state_pb2 as states
from veille.partner.v1 import (
    partner_desk_service_pb2 as pb, partner_desk_service_pb2_grpc as desk_grpc)

NEW = (states.REFERRAL_STATE_REQUESTED, states.REFERRAL_STATE_RECEIVED)
OPEN = (*NEW, states.REFERRAL_STATE_ACCEPTED, states.REFERRAL_STATE_IN_PROGRESS)
LANDLORD, PARTNER = os.environ.get("VEILLE_LANDLORD"), os.environ.get("VEILLE_PARTNER")

told = threading.Event()  # set by whoever was told something; it does no harm


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


def work_off(desk):
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


def work_for_ever(address):
    where = os.environ.get("VEILLE_REFERRAL_ADDRESS", "localhost:7003")
    desk = Connection(desk_grpc.PartnerDeskServiceStub, where, role="partner",
                      subject="partner-inbox", landlord=LANDLORD, partner=PARTNER)
    work_off(desk)  # the desk knows what is open, also what was told before this machine was started
    print("SERVING", address)
    while True:
        told.wait(timeout=60)
        told.clear()
        work_off(desk)
