"""Referrals on their way: created by call-tracking, pushed to partners, received. The partners'
machines answer at once and the intake of call-tracking takes everything, so what is measured is the
referral service."""
import json
import os
import tempfile
import time

from harness import FOLDER, Program, migrate, output, psql, query, say, service, tool, unix_socket
from machine import Spending
from tables import Part, Table, number

TARGETS = ["veille-referral", "referral_load", "partner_inboxes"]
LANDLORD = "01890000-0000-7000-8000-00000000000a"
DATABASE = "bench_referral"
PARTNERS = 32
IN_FLIGHT = 32
PATIENCE = 120  # seconds, until everything is received

# From the tables of the service, and when the pushes came to the partners. The first second, in which
# connections are made, does not count.
LATENCIES = """
WITH came AS (SELECT referral_id, min(micros) AS micros FROM bench_arrivals GROUP BY referral_id),
told AS (
  SELECT extract(epoch FROM to_timestamp(c.micros / 1e6) - r.created_time) * 1000 AS delivered,
         extract(epoch FROM a.received_time - r.created_time) * 1000 AS received
  FROM referrals AS r
  JOIN came AS c ON c.referral_id = r.referral_id
  JOIN assignments AS a ON a.landlord_id = r.landlord_id AND a.referral_id = r.referral_id
  WHERE r.created_time >= (SELECT min(created_time) + interval '1 second' FROM referrals))
SELECT json_build_object(
  'delivered_p50_ms', percentile_cont(0.5) WITHIN GROUP (ORDER BY delivered),
  'delivered_p99_ms', percentile_cont(0.99) WITHIN GROUP (ORDER BY delivered),
  'received_p50_ms', percentile_cont(0.5) WITHIN GROUP (ORDER BY received),
  'received_p99_ms', percentile_cont(0.99) WITHIN GROUP (ORDER BY received))
FROM told;
"""


class Scene:
    """Partners at their machines, and a database in which so many pushes are due; then the service."""

    def __init__(self, deliveries):
        self.deliveries = deliveries
        self.folder = tempfile.TemporaryDirectory(prefix="veille-bench-")
        self.arrivals = os.path.join(self.folder.name, "arrivals")

    def __enter__(self):
        self.inboxes = Program(tool("partner_inboxes"), str(PARTNERS), unix_socket("intake"), self.arrivals)
        endpoints = [self.inboxes.address, *self.inboxes.more_addresses]
        migrate("referral", DATABASE)
        psql(DATABASE, "-v", f"landlord={LANDLORD}", "-v", f"endpoints={','.join(endpoints)}",
             "-v", f"deliveries={self.deliveries}", "-f", f"{FOLDER}/prepare_referral.sql")
        psql("postgres", "-c", "CHECKPOINT")
        return self

    def referral(self):
        return service("referral", DATABASE, unix_socket("referral"), {"calls": unix_socket("intake")})

    def wait(self, count):
        """Until so many deliveries have ended with a receipt."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if int(query(DATABASE, "SELECT count(*) FROM deliveries WHERE state = 3;")[0][0]) == count:
                return
            time.sleep(0.1)
        raise SystemExit(f"not all of {count} referrals were received in {PATIENCE} s")

    def __exit__(self, *_):
        self.inboxes.stop()
        self.folder.cleanup()

    def latencies(self):
        """The partners stop, and say when the pushes came."""
        self.inboxes.stop()
        psql(DATABASE, "-c", "CREATE TABLE bench_arrivals (referral_id uuid, micros bigint)", "-c",
             f"\\copy bench_arrivals FROM '{self.arrivals}' CSV")
        return json.loads(query(DATABASE, LATENCIES)[0][0])


def span(begin):
    """Seconds from then (SQL) to the last receipt."""
    return float(query(DATABASE, f"SELECT extract(epoch FROM max(received_time) - ({begin})) "
                                 "FROM assignments;")[0][0])


def measure_backlog(deliveries):
    """Everything is due when the service starts."""
    with Scene(deliveries) as scene, scene.referral() as server:
        begin = time.time()
        with Spending(server.pid) as spent:
            scene.wait(deliveries)
        seconds = span(f"to_timestamp({begin})")
        return {"received_per_second": deliveries / seconds, **spent.each(deliveries),
                "memory_mb": server.memory("VmHWM")}


def measure_flow(seconds, rate=None):
    """Referrals are created all the time; as fast as it goes, or so many a second."""
    with Scene(0) as scene:
        with scene.referral() as server:
            with Spending(server.pid) as spent:
                created = json.loads(output(tool("referral_load"), server.address, LANDLORD, str(PARTNERS),
                                            str(IN_FLIGHT), str(seconds), *([str(rate)] if rate else [])))
                scene.wait(created["ended"])
            memory = server.memory("VmHWM")
        ended = created["ended"]
        figures = {"created_per_second": created["per_second"],
                   "received_per_second": ended / span("SELECT min(created_time) FROM referrals"),
                   "create_p50_ms": created["p50_ms"], "create_p99_ms": created["p99_ms"],
                   **spent.each(ended), "memory_mb": memory}
        return {**figures, **scene.latencies()}


KEYS = {"created_per_second": "created/s", "received_per_second": "received/s",
        "create_p50_ms": "create p50 ms", "create_p99_ms": "create p99 ms",
        "delivered_p50_ms": "to delivered p50 ms", "delivered_p99_ms": "p99 ms",
        "received_p50_ms": "to received p50 ms", "received_p99_ms": "p99 ms",
        "server_us": "CPU µs server", "postgres_us": "CPU µs PostgreSQL", "memory_mb": "memory MB"}


def measure_part(options):
    backlog, seconds = (3_000, 4) if options.quick else (30_000, 10)
    figures = {f"a backlog of {backlog:,}": measure_backlog(backlog)}
    say("backlog pushed")
    flow = measure_flow(seconds)
    figures[f"{IN_FLIGHT} in flight, as fast as it goes"] = flow
    rate = flow["created_per_second"] / 2
    figures["half of that rate"] = measure_flow(seconds, rate)
    table = Table("Referrals to partners", ["", *KEYS.values()],
                  [[name] + [number(one.get(key)) for key in KEYS] for name, one in figures.items()],
                  [f"{PARTNERS} partners whose machines answer at once. Delivered: the push came to the "
                   "partner; received: its receipt is taken. Lengths of creating at a given rate count from "
                   "when it was due, the others from when the request came. Processor time is that of a "
                   "referral, its updates to call-tracking included."])
    return [Part("delivery", figures, [table], [])]
