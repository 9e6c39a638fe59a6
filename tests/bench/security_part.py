"""What protection costs: lease + record with and without TLS, certificates and tokens. Both leave the same
audit trail, and check the same access rules."""
from harness import medians, say
from tables import Check, Part, Table
from calls_part import COLUMNS, HOUSEHOLDS, MANY, row
from calls_series import OverTcp, prepare_calls, prepare_registry

TARGETS = ["veille-call-tracking", "veille-tenant-registry", "veillectl", "calls_load", "calls_pgbench"]
NAMES = {"plain": "in clear text, callers believed", "secure": "TLS, tokens and certificates"}


def measure_part(options):
    prepare_calls("bench_calls", HOUSEHOLDS)
    prepare_registry("bench_registry", HOUSEHOLDS)
    rounds, seconds = (1, 3) if options.quick else (5, 5)
    measured = {}
    for number_of_round in range(1, rounds + 1):
        for in_flight in (1, MANY):
            for name in NAMES:
                figures = OverTcp("bench_registry", secure=name == "secure").measure(in_flight, seconds)
                measured.setdefault((name, in_flight), []).append(figures)
        say(f"round {number_of_round} of {rounds}")
    figures = {f"{name} {in_flight}": medians(several)
               for (name, in_flight), several in measured.items()}
    table = Table("Lease + record, protected or not", COLUMNS,
                  [row(NAMES[name], in_flight, medians(several))
                   for (name, in_flight), several in measured.items()],
                  ["Closed loop over TCP, with the real registry. Both leave the same audit trail."])
    ratio = figures[f"secure {MANY}"]["per_second"] / figures[f"plain {MANY}"]["per_second"]
    return [Part("security", figures, [table],
                 [Check("lease + record, 256 in flight, protected, times unprotected", ratio, 0.85,
                        at_least=True)])]
