#!/usr/bin/env python3
"""Counts the cases of a test run: summary.py RESULTS.

RESULTS holds one JUnit file per ctest run and, in cases/, GoogleTest's own report of each
executable, which counts instead of the single ctest test. An executable that failed without a
failed case (a crash, a leak, a time-out) counts as one failure more. Prints the failed and the
skipped by name, then `N passed, N failed, N skipped`; exits 1 when any failed or none ran.
"""

import pathlib
import sys
import xml.etree.ElementTree as ElementTree


def cases_of(report: pathlib.Path) -> dict[str, str]:
    """Outcome by case name of one GoogleTest report."""
    outcomes = {}
    for case in ElementTree.parse(report).getroot().iter("testcase"):
        name = f"{case.get('classname')}.{case.get('name')}"
        if case.find("failure") is not None:
            outcomes[name] = "failed"
        elif case.get("result") == "skipped" or case.find("skipped") is not None:
            outcomes[name] = "skipped"
        elif case.get("status") == "run":
            outcomes[name] = "passed"
    return outcomes


def outcome_of(test: ElementTree.Element) -> str:
    """Outcome of one ctest test. What ctest could not start is a failure, not a skip."""
    if test.get("status") == "run":
        return "passed"
    skipped = test.find("skipped")
    reason = "" if skipped is None else skipped.get("message", "")
    return "skipped" if reason.startswith("SKIP_") or test.get("status") == "disabled" else "failed"


def why_skipped(test: ElementTree.Element) -> str:
    """What a skipped test says about it, in a line that begins with `***`."""
    said = test.findtext("system-out") or ""
    return "\n".join(line for line in said.splitlines() if line.startswith("***"))


def outcomes(results: pathlib.Path) -> dict[str, str]:
    """Outcome of every case; prints why tests were skipped, since ctest does not."""
    found: dict[str, str] = {}
    for run in sorted(results.glob("*.xml")):
        for test in ElementTree.parse(run).getroot().iter("testcase"):
            name, outcome = test.get("name"), outcome_of(test)
            if outcome == "skipped" and why_skipped(test):
                print(why_skipped(test))
            try:
                cases = cases_of(results / "cases" / f"{name}.xml")
            except (OSError, ElementTree.ParseError):
                cases = {}
            found.update({f"{name}: {case}": what for case, what in cases.items()})
            if not cases or (outcome == "failed" and "failed" not in cases.values()):
                found[name] = outcome
    return found


def main() -> int:
    found = outcomes(pathlib.Path(sys.argv[1]))
    names = {what: sorted(n for n, o in found.items() if o == what)
             for what in ("passed", "failed", "skipped")}
    for what in ("skipped", "failed"):
        for name in names[what]:
            print(f"{what}: {name}")
    print(", ".join(f"{len(names[what])} {what}" for what in ("passed", "failed", "skipped")))
    return 1 if names["failed"] or not names["passed"] else 0


if __name__ == "__main__":
    sys.exit(main())
