"""Lease + record against the same SQL, one transaction at a time, in pgbench.

Everything talks over Unix sockets: clients with the service, the service with the registry, and all of
them, pgbench too, with PostgreSQL.
"""
import json
import os
import subprocess
import tempfile

from harness import (BUILD, ROOT, Program, clone, connection, judge, median, migrate, psql,
                     registry_server, run, say, unix_socket)

TARGETS = ["veille-call-tracking", "veille-tenant-registry", "calls_load", "calls_pgbench",
           "stub_registry"]
LANDLORD = "01890000-0000-7000-8000-00000000000a"
CAMPAIGN = "01890000-0000-7000-8000-00000000000b"
SCRIPT = "01890000-0000-7000-8000-00000000000c"
IN_FLIGHT = [1, 8, 64, 256]
PGBENCH_CLIENTS = [32, 8, 2, 1]  # one client last: beside the service with one in flight
HOUSEHOLDS = 100_000
HISTORY = 20_000


def calls_server(database, registry):
    return Program(f"{BUILD}/bin/veille-call-tracking", "serve", "--insecure-loopback",
                   "--listen", unix_socket("calls"), "--database", connection(database),
                   "--registry-address", registry, "--referral-address", "127.0.0.1:1")


def load(address, in_flight, seconds):
    out = run(f"{BUILD}/tests/bin/calls_load", address, LANDLORD, CAMPAIGN, str(in_flight),
              str(seconds), stdout=subprocess.PIPE).stdout
    return json.loads(out)


# As the lanes of the services have them (services/common/db/lane.cc).
LANE_SETTINGS = "-c jit=off -c enable_seqscan=off -c plan_cache_mode=force_generic_plan"


def pgbench(database, script, clients, seconds):
    """Pairs per second, and the median of a pair in milliseconds, from pgbench's own log."""
    with tempfile.TemporaryDirectory() as folder:
        out = run(os.path.join(os.environ["VEILLE_TEST_PGBIN"], "pgbench"), "-n", "-M", "prepared",
                  "-c", str(clients), "-j", "2", "-T", str(seconds), "-f", script, "-l",
                  f"--log-prefix={folder}/pairs", database, stdout=subprocess.PIPE,
                  stderr=subprocess.STDOUT, env={**os.environ, "PGOPTIONS": LANE_SETTINGS}).stdout
        times = []
        for name in os.listdir(folder):
            with open(os.path.join(folder, name), encoding="ascii") as file:
                times += [int(line.split()[2]) for line in file]
    if "aborted" in out or "number of failed transactions: 0 " not in out:
        raise SystemExit(f"pgbench failed:\n{out}")
    times.sort()
    return {"in_flight": clients, "pairs": len(times), "pairs_per_second": len(times) / seconds,
            "p50_ms": times[len(times) // 2] / 1000, "p99_ms": times[len(times) * 99 // 100] / 1000}


def prepare():
    """The database that every measurement starts from, and a registry that knows its households."""
    migrate("call-tracking", "bench_calls")
    migrate("tenant-registry", "bench_registry")
    body = run(f"{BUILD}/tests/bin/calls_pgbench", "--script-body", SCRIPT,
               stdout=subprocess.PIPE).stdout.strip()
    folder = os.path.join(ROOT, "tests", "bench")
    variables = ["-v", f"landlord={LANDLORD}", "-v", f"campaign={CAMPAIGN}", "-v", f"script={SCRIPT}",
                 "-v", f"households={HOUSEHOLDS}", "-v", f"history={HISTORY}", "-v", f"script_body={body}"]
    psql("bench_calls", *variables, "-f", f"{folder}/prepare_calls.sql")
    psql("bench_registry", *variables, "-f", f"{folder}/prepare_registry.sql")


def measure_calls(registry_name, seconds, in_flight):
    """One figure of the real service, on a fresh copy of the database."""
    clone("bench_calls", "bench_run")
    if registry_name == "stub":
        registry = Program(f"{BUILD}/tests/bin/stub_registry", unix_socket("registry"))
    else:
        registry = registry_server("bench_registry", unix_socket("registry"))
    with registry, calls_server("bench_run", registry.address) as calls:
        return load(calls.address, in_flight, seconds)


def measure(rounds, seconds):
    """{series: {in flight: [figures of each round]}}; the series take turns within each round."""
    figures = {"stub": {}, "real": {}, "pgbench": {}}
    script = os.path.join(BUILD, "tests", "calls_pair.sql")
    with open(script, "w", encoding="utf-8") as file:
        run(f"{BUILD}/tests/bin/calls_pgbench", LANDLORD, CAMPAIGN, stdout=file)
    for number in range(1, rounds + 1):
        for clients in PGBENCH_CLIENTS:
            clone("bench_calls", "bench_run")
            figures["pgbench"].setdefault(clients, []).append(
                pgbench("bench_run", script, clients, seconds))
        for series in ("stub", "real"):
            for in_flight in IN_FLIGHT:
                figures[series].setdefault(in_flight, []).append(
                    measure_calls(series, seconds, in_flight))
        say(f"round {number} of {rounds}")
    return figures


def report(figures):
    best = max(median(r, "pairs_per_second") for c, r in figures["pgbench"].items() if c > 1)
    alone = median(figures["pgbench"][1], "p50_ms")
    print(f"\n{'':24}{'in flight':>10}{'pairs/s':>10}{'p50 ms':>9}{'p99 ms':>9}{'x pgbench':>11}")
    names = {"pgbench": "pgbench, same SQL", "stub": "service, stub registry",
             "real": "service, real registry"}
    for series, name in names.items():
        for in_flight, rounds in sorted(figures[series].items()):
            rate = median(rounds, "pairs_per_second")
            print(f"{name:24}{in_flight:>10}{rate:>10.0f}{median(rounds, 'p50_ms'):>9.2f}"
                  f"{median(rounds, 'p99_ms'):>9.2f}{rate / best:>11.2f}")
    throughput = median(figures["stub"][256], "pairs_per_second") / best
    latency = median(figures["stub"][1], "p50_ms") / alone
    checks = [("256 in flight, times pgbench at its best", throughput, throughput >= 3.0, "at least 3"),
              ("1 in flight, median, times pgbench -c 1", latency, latency <= 1.5, "at most 1.5")]
    return judge(checks)


def measure_part(quick):
    """(figures, whether the limits are kept)"""
    prepare()
    rounds, seconds = (1, 3) if quick else (3, 6)
    say(f"lease + record: {rounds} round(s), {seconds} s each")
    figures = measure(rounds, seconds)
    return figures, report(figures)
