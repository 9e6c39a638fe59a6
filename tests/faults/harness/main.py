"""One run: see tests/faults/run --help."""
import argparse
import collections
import json
import os
import signal
import subprocess
import sys
import time

import checker
import evidence as databases
import schedule
import wire

START = time.monotonic()


def say(text):
    print(f"[{time.monotonic() - START:6.1f} s] {text}", flush=True)


def skip(what, why):
    print(f"\n*** SKIPPED: {what}: {why}. It was NOT tried. ***\n", flush=True)


def what_is_missing(asked_clocks):
    """The kinds of faults that this machine cannot make, told aloud."""
    from world import FAKETIME
    without = []
    if os.environ.get("VEILLE_TEST_DISK") != "small":
        skip("a full disk", "a small file system cannot be mounted here")
        without.append("disk")
    if not asked_clocks or not os.path.exists(FAKETIME):
        skip("clock steps", "faketime is not installed" if asked_clocks else "not asked for")
        without.append("clock")
    return without


def people_of(setting, options, history, world, machines):
    import coordinators
    import partners
    import volunteers
    referral = [world.address("referral-1"), world.address("referral-2")]
    calls = [world.address("calls-1"), world.address("calls-2")]
    callers = volunteers.make(setting, options.seed, history, world)
    dispatcher = coordinators.Dispatcher(options.seed, history, setting, referral)
    deciding = [dispatcher, coordinators.Decider(options.seed, history, setting, calls)]

    def partners_people():
        return [partners.People(machines[manner], partner, options.seed, history, setting, referral)
                for partner, manner in setting.partners.items() if manner in machines]

    return callers, deciding, partners_people


def make_machines(world, setting_of, options, history):
    import partners
    import random
    import setup
    machines, endpoints = {}, {}
    for manner in setup.MANNERS:
        if manner == "by_hand":
            continue
        port = world.free_port()
        machine = partners.Machine(manner, setting_of, random.Random(f"{options.seed}/{manner}/machine"),
                                   history, port)
        machine.start()
        machines[manner] = machine
        endpoints[manner] = f"127.0.0.1:{world.network.link(f'to:{manner}', f'127.0.0.1:{port}')}"
    return machines, endpoints


def run(options):
    """The violations and the figures of one run."""
    from history import History, read
    from world import World

    wire.generate()
    wire.import_contract()
    without = what_is_missing(not options.no_clocks)
    os.makedirs(options.out, exist_ok=True)
    history = History(f"{options.out}/history.jsonl")
    world = World(options.bin, options.out, options.seed, clocks="clock" not in without)
    try:
        violations, broken, faults = break_it(world, history, without, options)
        found = databases.gather(world)
    finally:
        world.close()
    databases.write(found, f"{options.out}/evidence.json")
    history.close()
    lines = read(f"{options.out}/history.jsonl")
    return checker.check(lines, found) + violations, figures(lines, found, broken, faults)


def go_home(people):
    """Who has not ended what he was doing after a minute and a half."""
    for person in people:
        person.stop()
    return [person.name for person in people if not person.join(90)]


def break_it(world, history, without, options):
    """Everybody works while everything breaks, until all is at rest: what went wrong with that, the
    breaker and the faults."""
    import breaker
    import quiet
    import setup
    partner_ids = {}
    machines, endpoints = make_machines(world, partner_ids.get, options, history)
    setting = setup.make(world, households=int(options.households or 60 + 100 * options.minutes),
                         volunteers=options.volunteers, endpoints=endpoints)
    partner_ids.update({manner: partner for partner, manner in setting.partners.items()})
    callers, deciding, partners_people = people_of(setting, options, history, world, machines)
    answering = partners_people()
    say(f"{len(setting.households)} households, {options.volunteers} volunteers, "
        f"{len(setting.partners)} partners; seed {options.seed}")

    for person in callers + answering + deciding:
        person.start()
    faults = schedule.make(options.seed, options.minutes * 60, list(machines), without, options.only)
    broken = breaker.Breaker(world, machines, say if options.verbose else lambda text: None)
    broken.run(faults)
    say(f"{len(faults)} faults are over, {broken.kills} of them kills")

    quiet.hold_back(world)
    everybody = callers + deciding + answering
    stuck = go_home(everybody)
    for machine in machines.values():
        machine.patient = True
    left = quiet.let_go(world, say)
    answering = partners_people()
    for person in answering:
        person.start()
    silent = {partner for partner, manner in setting.partners.items() if manner in ("forgets", "by_hand")}
    left |= quiet.converge(world, deciding[0], silent, options.quiet, say)
    stuck += go_home(answering)
    everybody += answering
    for machine in machines.values():
        machine.stop()
    violations = [checker.Violation("never at rest", f"{count} {what}") for what, count in left.items()]
    violations += [checker.Violation("no answer", f"{name} still waits for one") for name in stuck]
    violations += [checker.Violation("fault not made", error) for error in broken.errors]
    violations += [checker.Violation("fell silent", f"{person.name}: {person.broke}")
                   for person in everybody if person.broke]
    violations += [checker.Violation("crashed", f"{name} by signal {-code}") for name, code in world.ends
                   if code < 0]
    return violations, broken, faults


def figures(lines, found, broken, faults):
    answered = collections.Counter((line["do"], line["ev"]) for line in lines if line["ev"] != "invoke")
    return {"kills": broken.kills, "ended with an error": sum(1 for _, code in broken.ends if code > 0), "faults": dict(sorted(broken.counts.items())), "of": len(faults),
            "operations": sum(1 for line in lines if line["ev"] == "invoke"),
            "notices": sum(1 for line in lines if (line["ev"], line["do"]) == ("got", "notice")),
            "answers": {f"{what} {how}": count for (what, how), count in sorted(answered.items())},
            "late": sum(1 for line in lines if line.get("late")),
            "objections": sum(1 for line in lines if line["ev"] == "ok" and line.get("objects")),
            "pairs": dict(checker.visited(found).most_common()),
            "referrals": len(found["referrals"]), "merged": len(found["merged"])}


def report(violations, numbers, options):
    with open(f"{options.out}/result.json", "w") as file:
        json.dump({"seed": options.seed, "minutes": options.minutes, "figures": numbers,
                   "violations": [[v.rule, v.text] for v in violations]}, file, indent=1)
    print("faults      " + ", ".join(f"{count} {kind}" for kind, count in numbers["faults"].items()))
    print(f"endings     {numbers['ended with an error']} with an error code, at start or after SIGTERM")
    print("answers     " + ", ".join(f"{count} {what}" for what, count in numbers["answers"].items()))
    print(f"cases       {numbers['referrals']} referrals, {numbers['merged']} findings merged, "
          f"{numbers['late']} late records, {numbers['objections']} objections in calls, "
          f"{numbers['notices']} notices to partners")
    for pair, count in numbers["pairs"].items():
        print(f"  {count:6d}  {pair}")
    by_rule = collections.Counter(violation.rule for violation in violations)
    for rule, count in by_rule.items():
        print(f"VIOLATED {rule}: {count} times")
        for violation in [v for v in violations if v.rule == rule][:5]:
            print(f"    {violation.text}")
    print(f"seed {options.seed}: {numbers['kills']} kills, {numbers['operations']} operations, "
          f"{len(numbers['pairs'])} pairs of state and event visited, {len(violations)} violations")


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--bin", default=os.path.join(wire.ROOT, "build", "release", "bin"))
    parser.add_argument("--out", default="")
    parser.add_argument("--volunteers", type=int, default=8)
    parser.add_argument("--households", type=int, default=0)
    parser.add_argument("--only", type=lambda text: text.split(","), default=())
    parser.add_argument("--quiet", type=float, default=90)
    parser.add_argument("--no-clocks", action="store_true")
    parser.add_argument("--verbose", action="store_true")
    options = parser.parse_args()
    options.out = options.out or os.path.join(wire.ROOT, "build", "tests", "faults", f"seed-{options.seed}")
    subprocess.run(["rm", "-rf", options.out], check=True)
    violations, numbers = run(options)
    report(violations, numbers, options)
    sys.stdout.flush()
    os._exit(1 if violations else 0)  # threads of gRPC may linger


if __name__ == "__main__":
    main()
