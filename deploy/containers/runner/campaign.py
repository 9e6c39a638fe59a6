"""A campaign through the containers, with the veillectl of its image: from a register to partners who accept,
ended by simulate-check, which compares ledger, services and the partner's log case by case."""

import contextlib
import dataclasses
import json

from container import ContainerError
from programme import Programme

PARTNER_ADDRESS = "127.0.0.1:7004"  # of the service `partner` in compose.yaml
LEDGER = "/var/lib/veille/ledger.jsonl"
PARTNER_LOG = "/var/lib/veille/partner.events"


@dataclasses.dataclass(frozen=True)
class Outcome:
    campaign: str
    imported: dict
    simulation: dict
    check: dict
    report: str


class Coordinator:
    """Works with the service veillectl of compose.yaml."""

    def __init__(self, programme: Programme):
        self._programme = programme

    def text(self, *arguments: str, may_fail: bool = False, given: bytes | None = None) -> str:
        """`given` goes to standard input."""
        done = self._programme.run("veillectl", *arguments, given=given)
        if done.returncode != 0 and not (may_fail and done.stdout):
            raise ContainerError(f"veillectl {' '.join(arguments)} ended with {done.returncode}:\n"
                                 f"{done.stderr[-2000:]}")
        return done.stdout

    def json(self, *arguments: str, may_fail: bool = False, given: bytes | None = None) -> dict:
        return json.loads(self.text("--json", *arguments, may_fail=may_fail, given=given))


def run(programme: Programme, register: bytes, partner: dict,
        meanwhile: contextlib.AbstractContextManager) -> Outcome:
    """`register` is a CSV. The partner covers the communes of all who are called. `meanwhile` happens while
    volunteers call."""
    ctl = Coordinator(programme)
    landlord = ctl.json("landlord", "create", "--name", "Toit Commun")["landlord"]["landlord_id"]
    programme.set(VEILLE_LANDLORD=landlord)
    imported = ctl.json("import", "-", "--complete", "--reference-date", "2020-03-17",
                        "--refused", "/var/lib/veille/refused.csv", given=register)
    script = ctl.json("script", "publish", "/samples/script.json")["script"]["script_id"]
    campaign = ctl.json("campaign", "create", "/samples/campaign.json",
                        "--script", script)["campaign"]["campaign_id"]
    gaps = ctl.json("partner", "coverage", "--campaign", campaign)["answers"]
    partner["coverage"] = [{"commune_codes": sorted({gap["commune_code"] for gap in gaps}),
                            "needs": partner["coverage"][0]["needs"]}]
    registered = ctl.json("partner", "register", "-", "--endpoint", PARTNER_ADDRESS,
                          given=json.dumps(partner).encode("utf-8"))
    programme.set(VEILLE_PARTNER=registered["partner"]["partner_id"])
    programme.up("partner")
    ctl.text("campaign", "open", campaign)
    with meanwhile:
        simulation = ctl.json("simulate", campaign, "--ledger", LEDGER)
    check = ctl.json("simulate-check", campaign, "--ledger", LEDGER, "--partner-log", PARTNER_LOG,
                     may_fail=True)
    return Outcome(campaign, imported, simulation, check, ctl.text("campaign", "report", campaign))
