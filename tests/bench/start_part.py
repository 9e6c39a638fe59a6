"""How long each service takes from exec to SERVING, and what memory it holds when nobody calls: with TLS
and tokens, as it runs."""
import time

from harness import medians, migrate, service
from tables import Check, Part, Table, number

SERVICES = ["tenant-registry", "call-tracking", "referral"]
TARGETS = [f"veille-{name}" for name in SERVICES]
IDLE_SECONDS = 2  # its loops have run, its connections are open
MOST_MILLISECONDS, MOST_MEGABYTES = 300, 30


def start(name, database):
    with service(name, database, secure=True) as server:
        time.sleep(IDLE_SECONDS)
        return {"start_ms": server.start_seconds * 1000, "idle_mb": server.memory("VmRSS"),
                "own_mb": server.memory("RssAnon")}


def measure_part(options):
    measured = {name: [] for name in SERVICES}
    for name in SERVICES:
        migrate(name, f"bench_start_{SERVICES.index(name)}")
    for _ in range(3 if options.quick else 5):
        for name in SERVICES:
            measured[name].append(start(name, f"bench_start_{SERVICES.index(name)}"))
    figures = {name: medians(several) for name, several in measured.items()}
    table = Table("Start and idle memory", ["", "start ms", "idle memory MB", "of it its own MB"],
                  [[name] + [number(value) for value in one.values()] for name, one in figures.items()],
                  ["With TLS and tokens. Resident memory; what is not its own are pages of programs and libraries."])
    checks = []
    for name, one in figures.items():
        checks += [Check(f"{name}, exec to SERVING, ms", one["start_ms"], MOST_MILLISECONDS),
                   Check(f"{name}, idle, MB", one["idle_mb"], MOST_MEGABYTES, is_speed=False)]
    return [Part("start", figures, [table], checks)]
