"""What a lease costs when few and when many households are due. One in flight: a campaign with few
would run out of them, and batches would hide the cost."""
from calls_series import Service, prepare_calls
from harness import medians, say
from tables import Check, Part, Table, number

TARGETS = ["veille-call-tracking", "calls_load", "calls_pgbench", "stub_registry"]
FEW, MANY, MANY_IF_QUICK = 10_000, 1_000_000, 100_000
LIMIT = 1.2


def cost(one):
    """Processor time of a pair, wherever it was spent."""
    return one["server_us"] + one["postgres_us"]


def measure_part(options):
    sizes = [FEW, MANY_IF_QUICK if options.quick else MANY]
    rounds, seconds = (2, 3) if options.quick else (4, 4)
    for size in sizes:
        say(f"{size:,} households that are due")
        prepare_calls(f"bench_due_{size}", size)
    measured = {size: [] for size in sizes}
    for turn in range(rounds):
        for size in sizes if turn % 2 == 0 else reversed(sizes):
            measured[size].append(Service(template=f"bench_due_{size}").measure(1, seconds))
    few, many = (medians(measured[size]) for size in sizes)
    columns = ["households due", "lease p50 ms", "lease p99 ms", "record p50 ms", "CPU µs server",
               "CPU µs PostgreSQL"]
    keys = ["lease_p50_ms", "lease_p99_ms", "record_p50_ms", "server_us", "postgres_us"]
    table = Table("Leases when few and when many households are due", columns,
                  [[f"{size:,}"] + [number(one[key]) for key in keys]
                   for size, one in zip(sizes, (few, many))],
                  ["One pair in flight; processor time is that of a pair."])
    checks = [Check(f"lease, {sizes[1]:,} due, median, times that with {FEW:,}",
                    many["lease_p50_ms"] / few["lease_p50_ms"], LIMIT),
              Check(f"lease + record, {sizes[1]:,} due, processor time, times that with {FEW:,}",
                    cost(many) / cost(few), LIMIT)]
    return [Part("due", dict(zip(map(str, sizes), (few, many))), [table], checks)]
