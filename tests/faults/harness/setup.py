"""A landlord, its made-up tenants, volunteers and partners, and a campaign that runs."""
import dataclasses
import hashlib
import time
import uuid

from wire import Caller, Error

COMMUNES = ["31555", "31022", "31032", "31033", "31035", "31044"]
# Numbers that are kept for fiction.
PHONES = ["063998", "019900", "026191", "035301", "046571", "053649"]
NEEDS = ["MEALS", "GROCERIES", "MEDICINES", "HOME_HELP", "LONELINESS", "ADMIN"]
NOT_COVERED = "DIGITAL"
# How each partner's machine and people behave. Commune n goes to partner n, then n+1 and n+2: the
# first by name.
MANNERS = ["quick", "late", "twice", "wrong", "forgets", "declines", "never", "by_hand"]


class Patient(Caller):
    """Asks again, with the same request, when nobody answers: nothing is broken yet, but the machine
    may be busy."""

    def call(self, method, request=None, **fields):
        request = request if request is not None else self.message(method, **fields)
        until = time.monotonic() + 60
        while True:
            try:
                return super().call(method, request)
            except Error as error:
                if error.known or time.monotonic() > until:
                    raise
                time.sleep(0.5)


@dataclasses.dataclass
class Setting:
    landlord: str
    campaign: str
    volunteers: list
    partners: dict  # id: manner
    households: list  # (household, [tenant])


def _rows(count):
    from veille.registry.v1 import register_row_pb2 as register
    for number in range(count):
        place = number % len(COMMUNES)
        yield register.RegisterRow(
            line_number=number + 1, row_key=f"R{number}", dwelling_number=f"D{number}",
            residence="Les Tilleuls", street_address=f"{number + 1} rue des Tilleuls",
            postal_code="31000", commune_name="Toulouse", commune_code=COMMUNES[place],
            client_reference=f"C{number}", title="Mme", family_name=f"FICTIVE{number}",
            given_name="Odette", birth_date="28/06/1940", phones=[
                f"{PHONES[number // 10000 % len(PHONES)]}{number % 10000:04d}"])


def _import(registry, count):
    from veille.registry.v1 import register_row_pb2 as register, registry_service_pb2 as service
    rows = list(_rows(count))
    digest = hashlib.sha256(str(count).encode()).digest()

    def requests():
        header = service.ImportHeader(request_id=str(uuid.uuid4()), file_hash=digest, complete=True,
                                      date_format=register.DATE_FORMAT_DAY_MONTH_YEAR,
                                      expected_rows=count)
        yield service.ImportHouseholdsRequest(header=header)
        for number, begin in enumerate(range(0, count, 500), 1):
            yield service.ImportHouseholdsRequest(
                chunk=service.ImportChunk(chunk_number=number, rows=rows[begin:begin + 500]))
        yield service.ImportHouseholdsRequest(end=service.ImportEnd(row_count=count))

    totals = registry.stream("registry.v1.RegistryService/ImportHouseholds", requests())[-1].totals
    if totals.households != count:
        raise RuntimeError(f"{totals.households} of {count} households were taken")


SCRIPT = {
    "title": "Prendre des nouvelles", "languages": ["fr"],
    "questions": [{"question_id": "well", "type": "QUESTION_TYPE_BOOLEAN",
                   "texts": [{"language": "fr", "text": "Allez-vous bien ?"}]}],
    "rules": [{"rule_id": "all_well", "all_well": {},
               "condition": {"answer": {"question_id": "well", "equals_boolean": True}},
               "explanations": [{"language": "fr", "text": "Tout va bien."}]}],
    "agreement_texts": [{"text_version": "share-1", "kind": "AGREEMENT_KIND_SHARE_NEED",
                         "texts": [{"language": "fr", "text": "Pouvons-nous le transmettre ?"}]}],
    "emergency_instructions": [{"language": "fr", "text": "Appelez le 15 ou le 112."}]}

RETRIES = [{"disposition": f"DISPOSITION_{name}", "delay": "1s", "maximum_attempts": 50,
            "next_phone": False} for name in ("NO_ANSWER", "BUSY", "PARTIAL")]

# So that the clock of acceptance comes to the emergencies that a partner leaves unanswered.
SHORTEST = {"emergency": "60s", "priority": "900s", "routine_working_days": 1}


def _parsed(message, fields):
    from google.protobuf import json_format
    return json_format.ParseDict(fields, message)


def _publish(calls):
    from veille.calls.v1 import script_service_pb2 as service
    request = _parsed(service.PublishScriptRequest(request_id=str(uuid.uuid4())), {"script": SCRIPT})
    return calls.call("calls.v1.ScriptService/PublishScript", request).script.script_id


def _open_campaign(calls, script):
    from veille.calls.v1 import campaign_service_pb2 as service
    request = _parsed(service.CreateCampaignRequest(request_id=str(uuid.uuid4())), {"campaign": {
        "title": "Appels", "purpose": "Prendre des nouvelles.", "script_id": script,
        "cohort_rule": {"minimum_age": 70, "reference_date": {"year": 2020, "month": 3, "day": 17}},
        "retry_rules": RETRIES, "acknowledge_deadlines": SHORTEST}})
    request.campaign.start_time.FromSeconds(int(time.time()) - 8 * 3600)
    request.campaign.end_time.FromSeconds(int(time.time()) + 56 * 24 * 3600)
    campaign = calls.call("calls.v1.CampaignService/CreateCampaign", request).campaign.campaign_id
    calls.call("calls.v1.CampaignService/OpenCampaign", request_id=str(uuid.uuid4()),
               campaign_id=campaign)
    return campaign


def _register_partner(referral, number, manner, endpoint):
    from veille.referral.v1 import partner_directory_service_pb2 as service
    mine = [code for place, code in enumerate(COMMUNES) if place <= number <= place + 2]
    partner = {"name": f"{number} {manner}", "kind": "PARTNER_KIND_CCAS", "coverage": [
        {"commune_codes": mine or COMMUNES[-1:], "needs": [f"NEED_{need}" for need in NEEDS]}],
        "payload": "PARTNER_PAYLOAD_FULL" if number % 2 else "PARTNER_PAYLOAD_THIN"}
    if endpoint:
        partner["endpoint"] = endpoint
    else:
        partner["contact_phone"] = "+33199004199"
    request = _parsed(service.RegisterPartnerRequest(request_id=str(uuid.uuid4())), {"partner": partner})
    answer = referral.call("referral.v1.PartnerDirectoryService/RegisterPartner", request)
    return answer.partner.partner_id


def make(world, households, volunteers, endpoints):
    """`endpoints` are addresses by manner."""
    operator = Patient(world.address("registry-1"), 10, role="operator", subject="root")
    landlord = operator.call("registry.v1.RegistryService/CreateLandlord", request_id=str(uuid.uuid4()),
                             name="Toit Commun").landlord.landlord_id
    ada = {"role": "coordinator", "subject": "ada", "landlord": landlord}
    _import(Patient(world.address("registry-1"), 10, **ada), households)
    calls = Patient(world.address("calls-1"), 30, **ada)
    names = [f"v{number}" for number in range(volunteers)]
    for name in names:
        calls.call("calls.v1.VolunteerService/EnrolVolunteer", request_id=str(uuid.uuid4()), volunteer={
            "subject": name, "display_name": name, "languages": ["fr"]})
    referral = Patient(world.address("referral-1"), 10, **ada)
    partners = {_register_partner(referral, number, manner, endpoints.get(manner)): manner
                for number, manner in enumerate(MANNERS)}
    campaign = _open_campaign(calls, _publish(calls))
    homes = {}
    for row in world.query("faults_registry", "SELECT household_id::text, tenant_id::text FROM tenants"):
        homes.setdefault(row["household_id"], []).append(row["tenant_id"])
    return Setting(landlord, campaign, names, partners, sorted(homes.items()))
