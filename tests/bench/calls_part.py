"""Lease + record: the service, and what it is measured against. The series take turns within each
round, and every figure is the median of the rounds. What is compared at one in flight takes turns every
few seconds, and the ratio is that of each turn: a machine that drifts drifts for both."""
import statistics

from harness import medians, say
from tables import Check, Part, Table, number
from calls_series import BATCH, Echo, NodePeer, Pgbench, Service, prepare_calls, prepare_registry

TARGETS = ["veille-call-tracking", "veille-tenant-registry", "calls_load", "calls_pgbench", "calls_echo",
           "stub_registry"]
HOUSEHOLDS = 100_000
FEW_HOUSEHOLDS = 20_000  # as many as one volunteer never calls in seconds: a small copy to begin with
MANY = 256
POOLS = [2, 4, 8, 16]

NAMES = {"pgbench": "pgbench, same SQL, singly", "ours": "Veille", "batches": f"pgbench, batches of {BATCH}",
         "node": "Node, same contract", "single": "Veille, calls share nothing",
         "real": "Veille, real registry", "echo": "gRPC alone"}
# In this order within a round: what is compared stands together.
TURNS = [("pgbench", [32, 8, 2]), ("ours", [8, 64, MANY]), ("batches", [BATCH, 2 * BATCH, 4 * BATCH]),
         ("node", [MANY, 64]), ("single", [MANY]), ("real", [MANY]), ("echo", [MANY])]
QUICK = {"pgbench": [8], "ours": [MANY], "batches": [2 * BATCH], "node": [MANY],
         "single": [MANY], "real": [MANY], "echo": [MANY]}
# One in flight: these two in turn, and then the others, once.
ALONE = ("ours", "pgbench")


def best_node_peer(quick):
    """The Node server with the pool by which it is fastest, and what was tried."""
    tried = {}
    for pool in ([4, 16] if quick else POOLS):
        tried[pool] = NodePeer(pool).measure(MANY, 2)["per_second"]
    best = max(tried, key=tried.get)
    say(f"Node: {best} connections for each of {NodePeer.WORKERS} workers, of "
        + ", ".join(f"{pool} ({rate:.0f}/s)" for pool, rate in tried.items()))
    return NodePeer(best), tried


def measure_alone(everyone, quick):
    """({series: {1: median figures}}, the ratios of the medians, one of each turn)"""
    turns, seconds = (3, 2) if quick else (9, 2)
    measured = {name: [] for name in ALONE}
    for turn in range(turns):
        for name in ALONE if turn % 2 == 0 else reversed(ALONE):
            measured[name].append(everyone[name].measure(1, seconds))
    ratios = [ours["p50_ms"] / pgbench["p50_ms"] for ours, pgbench in zip(*measured.values())]
    say(f"one in flight: {', '.join(f'{ratio:.2f}' for ratio in ratios)}")
    return {name: {1: medians(several)} for name, several in measured.items()}, ratios


def measure(everyone, quick):
    """{series: {in flight: median figures}}"""
    rounds, seconds = (1, 3) if quick else (3, 4)
    measured = {}
    for number_of_round in range(1, rounds + 1):
        for name, in_flights in TURNS:
            for in_flight in QUICK[name] if quick else in_flights:
                if name in everyone:
                    measured.setdefault((name, in_flight), []).append(
                        everyone[name].measure(in_flight, seconds))
        say(f"round {number_of_round} of {rounds}")
    figures = {}
    for (name, in_flight), several in measured.items():
        figures.setdefault(name, {})[in_flight] = medians(several)
    return figures


def measure_open_loop(figures, quick):
    """The service at so many pairs a second, whether or not it keeps up."""
    most = figures["ours"][MANY]["per_second"]
    return {f"{share:.0%}": Service().measure(MANY, 3 if quick else 5, rate=share * most)
            for share in ([0.5] if quick else [0.25, 0.5, 0.75])}


def best(figures, name):
    return max(one["per_second"] for one in figures[name].values())


def checks(figures, alone):
    ours = figures["ours"]
    rate = ours[MANY]["per_second"]
    made = [Check("lease + record, 256 in flight, times pgbench singly at its best",
                  rate / best(figures, "pgbench"), 3.5, at_least=True)]
    if "node" in figures:
        made.append(Check("lease + record, 256 in flight, times Node at its best",
                          rate / best(figures, "node"), 4, at_least=True))
    made += [Check(f"lease + record, 256 in flight, times pgbench in batches of {BATCH} at its best",
                   rate / best(figures, "batches"), 0.35, at_least=True),
             Check("lease + record, 1 in flight, median, times that of pgbench -c 1",
                   statistics.median(alone), 1.25)]
    return made


COLUMNS = ["", "in flight", "pairs/s", "p50 ms", "p90 ms", "p99 ms", "max ms", "CPU µs server",
           "CPU µs PostgreSQL", "memory MB"]
KEYS = ["per_second", "p50_ms", "p90_ms", "p99_ms", "max_ms", "server_us", "postgres_us", "memory_mb"]


def row(name, in_flight, one):
    return [name, in_flight] + [number(one[key]) for key in KEYS]


def tables(figures, opened):
    rate = figures["ours"][MANY]["per_second"]
    closed = Table("Lease + record", [*COLUMNS, "Veille at 256, times this"])
    for name in NAMES:
        for in_flight, one in sorted(figures.get(name, {}).items()):
            closed.rows.append(row(NAMES[name], in_flight, one) + [number(rate / one["per_second"])])
    closed.notes = ["Closed loop. Processor time and memory (at most) are those of the server alone; the "
                    f"length of a pair in a batch is that of its batch of {BATCH}. The registry is a stub "
                    "that answers from memory, but where it says otherwise."]
    closed.notes.append("At 1 in flight Veille and pgbench take turns every few seconds, and what is judged is "
                        "the median of the ratios, one of each turn.")
    loop = Table("Lease + record at a given rate", ["Veille, of its most", *COLUMNS[1:]],
                 [row(share, MANY, one) for share, one in opened.items()],
                 ["Open loop: lengths count from when a pair was due, at random times."])
    return [closed, loop]


def measure_part(options):
    prepare_calls("bench_few", FEW_HOUSEHOLDS)
    first, alone = measure_alone({"ours": Service(template="bench_few"),
                                  "pgbench": Pgbench(template="bench_few")}, options.quick)
    prepare_calls("bench_calls", HOUSEHOLDS)
    prepare_registry("bench_registry", HOUSEHOLDS)
    everyone = {"ours": Service(), "real": Service("bench_registry"), "pgbench": Pgbench(),
                "batches": Pgbench(BATCH), "single": Service(options=["--single-calls"]), "echo": Echo()}
    why_not = NodePeer.install()
    pools = {}
    if why_not is None:
        everyone["node"], pools = best_node_peer(options.quick)
    else:
        say(f"LEFT OUT: {why_not}")
    figures = measure(everyone, options.quick)
    for name in everyone:
        if name in first:
            figures[name].update(first[name])
        elif 1 not in figures[name] and name != "batches":
            figures[name][1] = everyone[name].measure(1, 2)
    opened = measure_open_loop(figures, options.quick)
    shown = tables(figures, opened)
    if pools:
        shown[0].notes.append(f"Node has {everyone['node'].pool} connections in each of "
                              f"{NodePeer.WORKERS} workers, the fastest of {', '.join(map(str, pools))}.")
    return [Part("calls", {"closed": figures, "alone": alone, "open": opened, "node_pools": pools}, shown,
                 checks(figures, alone),
                 [why_not] if why_not else [])]
