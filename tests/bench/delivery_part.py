"""Referrals on their way: created by call-tracking, pushed to partners, received.

spine     the whole way through the real three services: from a call that is recorded to the push that
          arrives at a partner with nothing else to do.
flow      the referral service alone, between a call-tracking that takes every update and partners whose
          machines answer at once; one of them may be stalled: it takes each push and never answers.
pgbench   the same SQL, in batches.
flat      flow with a million closed referrals in the tables, and beside a transaction that has been open
          for half an hour.
"""
import json
import os
import socket
import statistics
import subprocess
import tempfile
import time

from calls_series import CAMPAIGN, LANDLORD, LANE_SETTINGS, prepare_calls, prepare_registry
from harness import (FOLDER, QUIETLY, SERVICE_ROLE, Program, clone, medians, migrate, output, psql,
                     query, say, service, tool, unix_socket)
from machine import Spending
from tables import Check, Part, Table, number

TARGETS = ["veille-call-tracking", "veille-tenant-registry", "veille-referral", "calls_load", "calls_pgbench",
           "delivery_pgbench", "referral_load", "partner_inboxes"]
EMPTY, DATABASE = "bench_referral_empty", "bench_referral"
PARTNERS = 20
IN_FLIGHT = 128
BATCH = 64
CLIENTS = 4
PREPARING = 6  # seconds more for pgbench, whose clients first prepare hundreds of statements each
PATIENCE = 60  # seconds, until everything is received
CLOSED = 1_000_000
# What half an hour of ten referrals a second leaves behind.
CHURN = 18_000
# Until no claim and no look for what is due lately (relay 15 s, looks 5 s) reaches into the churn: it
# comes in a fraction of its half hour, and its last seconds would count as twenty minutes.
SETTLING = 21
GENTLE_RATE = 100  # referrals a second: nobody waits for anybody


def prepare(database, deliveries=0, closed=0):
    """Partners without machines so far, referrals whose pushes are due, and closed ones."""
    migrate("referral", database)
    psql(database, "-v", f"landlord={LANDLORD}", "-v", f"endpoints={','.join(['127.0.0.1:1'] * PARTNERS)}",
         "-v", f"deliveries={deliveries}", "-v", f"closed={closed}", "-f", f"{FOLDER}/prepare_referral.sql")
    psql("postgres", "-c", "CHECKPOINT")


class Partners:
    """The partners' machines. The last `stalled` of them never answer."""

    def __init__(self, database, stalled=0):
        self.database = database
        self.stalled = stalled
        self.folder = tempfile.TemporaryDirectory(prefix="veille-bench-")
        self.arrivals = os.path.join(self.folder.name, "arrivals")

    def __enter__(self):
        self.inboxes = Program(tool("partner_inboxes"), str(PARTNERS), unix_socket("intake"), self.arrivals,
                               str(self.stalled))
        endpoints = [self.inboxes.address, *self.inboxes.more_addresses]
        self.begin = query(self.database, """
UPDATE partners SET endpoint = given.endpoint
FROM unnest(string_to_array(:'endpoints', ',')) WITH ORDINALITY AS given (endpoint, n)
WHERE partner_id = md5('partner ' || n)::uuid;
SELECT clock_timestamp();""", endpoints=",".join(endpoints))[0][0]
        return self

    def __exit__(self, *_):
        self.inboxes.stop()
        self.folder.cleanup()

    def wait(self):
        """Until every delivery to those that answer has ended with a receipt."""
        end = time.monotonic() + PATIENCE
        waiting = f"""SELECT count(*) FROM deliveries WHERE state IN (1, 2)
                      AND partner_id IN (SELECT md5('partner ' || n)::uuid
                                         FROM generate_series(1, {PARTNERS - self.stalled}) AS n);"""
        while int(query(self.database, waiting)[0][0]) > 0:
            if time.monotonic() > end:
                raise SystemExit(f"not all referrals were received in {PATIENCE} s")
            time.sleep(0.05)

    def wait_for(self, count):
        """Until so many referrals have been received."""
        end = time.monotonic() + PATIENCE
        while int(query(self.database, "SELECT count(*) FROM deliveries WHERE state = 3;")[0][0]) < count:
            if time.monotonic() > end:
                raise SystemExit(f"not all of {count} referrals were received in {PATIENCE} s")
            time.sleep(0.05)

    def read_arrivals(self):
        """The partners stop, and say when the pushes came."""
        self.inboxes.stop()
        psql(self.database, "-c", QUIETLY, "-c", "DROP TABLE IF EXISTS bench_arrivals", "-c",
             "CREATE TABLE bench_arrivals (referral_id uuid, micros bigint)", "-c",
             f"\\copy bench_arrivals FROM '{self.arrivals}' CSV")

    def latencies(self):
        """From the tables of the service, and when the pushes came. The first second, in which connections
        are made, does not count."""
        self.read_arrivals()
        return json.loads(query(self.database, f"""
WITH came AS (SELECT referral_id, min(micros) AS micros FROM bench_arrivals GROUP BY referral_id),
told AS (
  SELECT extract(epoch FROM to_timestamp(c.micros / 1e6) - r.created_time) * 1000 AS delivered,
         extract(epoch FROM a.received_time - r.created_time) * 1000 AS received
  FROM came AS c
  JOIN referrals AS r ON r.landlord_id = '{LANDLORD}' AND r.referral_id = c.referral_id
  JOIN assignments AS a ON a.landlord_id = r.landlord_id AND a.referral_id = r.referral_id
  WHERE r.created_time >= '{self.begin}'::timestamptz + interval '1 second')
SELECT json_build_object(
  'delivered_p50_ms', percentile_cont(0.5) WITHIN GROUP (ORDER BY delivered),
  'delivered_p99_ms', percentile_cont(0.99) WITHIN GROUP (ORDER BY delivered),
  'received_p50_ms', percentile_cont(0.5) WITHIN GROUP (ORDER BY received),
  'received_p99_ms', percentile_cont(0.99) WITHIN GROUP (ORDER BY received))
FROM told;""")[0][0])

    def received_per_second(self):
        """Of those created since the machines began, from the first creation to the last receipt."""
        return float(query(self.database, f"""
SELECT count(received_time) / extract(epoch FROM max(received_time) - min(assigned_time))
FROM assignments WHERE assigned_time >= '{self.begin}';""")[0][0])


def measure_flow(seconds, rate=None, stalled=0, database=None):
    """Referrals are created all the time; as fast as it goes, or so many a second. In a fresh database, or
    in one that is kept."""
    if database is None:
        database = DATABASE
        clone(EMPTY, database)
    with Partners(database, stalled) as partners:
        with service("referral", database, unix_socket("referral"),
                     {"calls": unix_socket("intake")}) as server:
            with Spending(server.pid) as spent:
                created = json.loads(output(tool("referral_load"), server.address, LANDLORD, str(PARTNERS),
                                            str(IN_FLIGHT), str(seconds), *([str(rate)] if rate else [])))
                partners.wait()
            memory = server.memory("VmHWM")
        return {"created_per_second": created["per_second"],
                "received_per_second": partners.received_per_second(),
                "create_p50_ms": created["p50_ms"], "create_p99_ms": created["p99_ms"],
                **spent.each(created["ended"]), "memory_mb": memory, **partners.latencies()}


class Statistics:
    """What the service does beside its work: looks every second for tables that have grown."""

    def __init__(self, database):
        self.database = database

    def __enter__(self):
        self.session = subprocess.Popen(["psql", "-X", "-q", "-U", SERVICE_ROLE, "-d", self.database], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        self.session.stdin.write("SELECT analyze_grown_tables()\n\\watch 1\n")
        self.session.stdin.flush()
        return self

    def __exit__(self, *_):
        self.session.terminate()
        self.session.communicate()


def run_pgbench(database, clients, *length):
    """The same SQL, in batches, until so many transactions or seconds. When each batch ended, by client."""
    with tempfile.TemporaryDirectory() as folder:
        script = os.path.join(folder, "script.sql")
        with open(script, "w", encoding="utf-8") as file:
            file.write(output(tool("delivery_pgbench"), LANDLORD, str(BATCH), str(PARTNERS)))
        ended = subprocess.run(
            [os.path.join(os.environ["VEILLE_TEST_PGBIN"], "pgbench"), "-n", "-M", "prepared", "-c",
             str(clients), "-j", "2", *map(str, length), "-f", script, "-l", f"--log-prefix={folder}/batches", "-U",
             SERVICE_ROLE, database], text=True, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env={**os.environ, "PGOPTIONS": LANE_SETTINGS})
        if "aborted" in ended.stdout or "number of failed transactions: 0 " not in ended.stdout:
            raise SystemExit(f"pgbench failed:\n{ended.stdout}")
        ends = {}
        for name in os.listdir(folder):
            if name.startswith("batches"):
                with open(os.path.join(folder, name), encoding="ascii") as file:
                    for client, _, _, _, seconds, micros in map(str.split, file):
                        ends.setdefault(client, []).append(int(seconds) + int(micros) / 1e6)
        return ends


def measure_pgbench(seconds, clients):
    """How many referrals a second. The first batch of each client does not count: it prepares hundreds of
    statements, which the service does once."""
    clone(EMPTY, DATABASE)
    started = time.time()
    with Spending() as spent, Statistics(DATABASE):
        ends = run_pgbench(DATABASE, clients, "-T", seconds)
    batches = sum(map(len, ends.values()))
    received, told = map(int, query(DATABASE, "SELECT (SELECT count(*) FROM deliveries WHERE state = 3), "
                                              "(SELECT count(*) FROM outbox);")[0])
    if (received, told) != (batches * BATCH, 0):
        raise SystemExit(f"{batches} batches ended, {received} referrals are received, {told} messages wait")
    begin = max(several[0] for several in ends.values())
    last = max(several[-1] for several in ends.values())
    if last == begin:  # too slow a machine for a second one
        begin = started
    counted = sum(end > begin for several in ends.values() for end in several)
    return {"received_per_second": counted * BATCH / (last - begin), **spent.each(received)}


def measure_backlog(deliveries):
    """Everything is due when the service starts."""
    prepare(DATABASE, deliveries)
    with Partners(DATABASE) as partners:
        with service("referral", DATABASE, unix_socket("referral"),
                     {"calls": unix_socket("intake")}) as server, Spending(server.pid) as spent:
            partners.wait()
            memory = server.memory("VmHWM")
        seconds = float(query(DATABASE, f"SELECT extract(epoch FROM max(received_time) - '{partners.begin}') "
                                        "FROM assignments;")[0][0])
    return {"received_per_second": deliveries / seconds, **spent.each(deliveries), "memory_mb": memory}


def free_address():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{listener.getsockname()[1]}"


def measure_spine(seconds, rate):
    """From the answer to RecordCall to the push, through three services over TCP."""
    households = 4 * int(rate * seconds) + 100
    prepare_calls("bench_run", households)
    prepare_registry("bench_registry", households)
    clone(EMPTY, DATABASE)
    psql(DATABASE, "-c", "INSERT INTO partner_coverage (landlord_id, partner_id, entry, commune_code, needs) "
                         f"VALUES ('{LANDLORD}', md5('partner 1')::uuid, 1, '31555', 16382)")
    calls = free_address()
    with Partners(DATABASE) as partners:
        needs = os.path.join(partners.folder.name, "needs")
        with service("tenant-registry", "bench_registry") as registry, \
                service("referral", DATABASE, "127.0.0.1:0", {"calls": calls}) as referral, \
                service("call-tracking", "bench_run", calls,
                        {"registry": registry.address, "referral": referral.address}) as server:
            figures = json.loads(output(tool("calls_load"), "--needs", needs, server.address, LANDLORD,
                                        CAMPAIGN, "8", str(seconds), str(rate)))
            partners.wait_for(figures["ended"])
        partners.read_arrivals()
        psql(DATABASE, "-c", "CREATE TABLE bench_needs (finding_id uuid, micros bigint)", "-c",
             f"\\copy bench_needs FROM '{needs}' CSV")
        told = json.loads(query(DATABASE, f"""
WITH came AS (SELECT referral_id, min(micros) AS micros FROM bench_arrivals GROUP BY referral_id),
told AS (SELECT (c.micros - n.micros) / 1000.0 AS took
         FROM bench_needs AS n
         JOIN referrals AS r ON r.landlord_id = '{LANDLORD}' AND r.finding_id = n.finding_id
         JOIN came AS c ON c.referral_id = r.referral_id)
SELECT json_build_object('needs', (SELECT count(*) FROM bench_needs), 'arrived', count(*),
  'p50_ms', percentile_cont(0.5) WITHIN GROUP (ORDER BY took),
  'p99_ms', percentile_cont(0.99) WITHIN GROUP (ORDER BY took), 'max_ms', max(took))
FROM told;""")[0][0])
    if told["needs"] == 0 or told["needs"] != told["arrived"]:
        raise SystemExit(f"not every need arrived: {told}")
    return {**told, "rate": rate}


class OldTransaction:
    """A snapshot and a transaction id that are kept: while they are, no version of a row that came or went
    since can be cleared away in this database."""

    def __init__(self, database):
        self.database = database

    def __enter__(self):
        self.session = subprocess.Popen(["psql", "-X", "-q", "-A", "-t", "-d", self.database], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.session.stdin.write("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT txid_current();\n")
        self.session.stdin.flush()
        self.session.stdout.readline()
        return self

    def __exit__(self, *_):
        self.session.communicate("ROLLBACK;\n")


def measure_old_transaction(seconds, churn):
    """Before, and after so many referrals have come and been received while it was open."""
    clone(EMPTY, DATABASE)
    before = measure_flow(seconds, GENTLE_RATE, database=DATABASE)
    with OldTransaction(DATABASE):
        run_pgbench(DATABASE, 2, "-t", max(1, churn // BATCH // 2))
        time.sleep(SETTLING)
        after = measure_flow(seconds, GENTLE_RATE, database=DATABASE)
    return before, after


def measure_closed(rounds, seconds, closed):
    """With few referrals in the tables and with many closed ones, in turns."""
    prepare("bench_referral_many", closed=closed)
    few, many = [], []
    for turn in range(rounds):
        for database, several in [(EMPTY, few), ("bench_referral_many", many)][::1 if turn % 2 == 0 else -1]:
            several.append(measure_flow(seconds, GENTLE_RATE, database=database))
    return few, many


def ratio(ours, theirs, key):
    """The median of the ratios, one of each turn."""
    return statistics.median(one[key] / other[key] for one, other in zip(ours, theirs))


KEYS = {"created_per_second": "created/s", "received_per_second": "received/s",
        "create_p50_ms": "create p50 ms", "create_p99_ms": "create p99 ms",
        "delivered_p50_ms": "to delivered p50 ms", "delivered_p99_ms": "p99 ms",
        "received_p50_ms": "to received p50 ms", "received_p99_ms": "p99 ms",
        "server_us": "CPU µs server", "postgres_us": "CPU µs PostgreSQL", "memory_mb": "memory MB"}


def measure_turns(quick):
    """{name: figures of each turn}: with and without a stalled partner, and pgbench."""
    rounds, seconds = (1, 3) if quick else (3, 4)
    measured = {"stalled": [], "pgbench": [], "calm": [], "calm stalled": []}
    for turn in range(rounds):
        measured["stalled"].append(measure_flow(seconds, stalled=1))
        measured["pgbench"].append(measure_pgbench(seconds + PREPARING, CLIENTS))
        rate = measured["stalled"][0]["received_per_second"] / 3
        calm = {"calm": 0, "calm stalled": 1}
        for name in calm if turn % 2 == 0 else reversed(calm):
            measured[name].append(measure_flow(seconds + 1, rate, stalled=calm[name]))
        say(f"turn {turn + 1} of {rounds}")
    return measured


def measure_part(options):
    quick = options.quick
    prepare(EMPTY)
    spine = measure_spine(4 if quick else 10, 25)
    say("from a recorded call to the push")
    backlog = 3_000 if quick else 20_000
    pushed = measure_backlog(backlog)
    turns = measure_turns(quick)
    few, many = measure_closed(1 if quick else 2, 4, 20_000 if quick else CLOSED)
    say("with closed referrals")
    before, after = measure_old_transaction(4, CHURN // 10 if quick else CHURN)
    say("beside an old transaction")

    rows = {f"{IN_FLIGHT} in flight, one of {PARTNERS} partners stalled": medians(turns["stalled"]),
            f"the same SQL in pgbench, batches of {BATCH}": medians(turns["pgbench"]),
            "a third of that rate, none stalled": medians(turns["calm"]),
            "a third of that rate, one stalled": medians(turns["calm stalled"]),
            f"a backlog of {backlog:,}": pushed,
            f"{GENTLE_RATE} a second": medians(few),
            f"{GENTLE_RATE} a second, {20_000 if quick else CLOSED:,} closed referrals": medians(many),
            f"{GENTLE_RATE} a second, before the old transaction": before,
            f"{GENTLE_RATE} a second, beside the old transaction": after}
    table = Table("Referrals to partners", ["", *KEYS.values()],
                  [[name] + [number(one.get(key)) for key in KEYS] for name, one in rows.items()],
                  [f"{PARTNERS} partners whose machines answer at once, but for a stalled one, which never "
                   "does and is left out of the lengths. Delivered: the push came to the partner; received: its "
                   "receipt is taken. Lengths of creating at a given rate count from when it was due, the "
                   "others from when the request came. Processor time is that of a referral, its updates to "
                   "call-tracking included.",
                   f"The old transaction: a repeatable-read transaction with an id of its own in the same "
                   f"database, opened before {CHURN:,} referrals were created, delivered and received by "
                   f"pgbench, which is what half an hour of ten a second leaves behind, and open while it was "
                   f"measured, {SETTLING} s later."])
    way = Table("From a recorded call to the push at an idle partner",
                ["", "needs", "p50 ms", "p99 ms", "max ms"],
                [[f"{spine['rate']} calls a second"] + [number(spine[key]) for key in
                                                        ("needs", "p50_ms", "p99_ms", "max_ms")]],
                ["Three services over TCP on loopback: from the answer to RecordCall to the arrival of "
                 "DeliverReferral."])
    checks = [Check("recorded call to push, median, ms", spine["p50_ms"], 20),
              Check("recorded call to push, p99, ms", spine["p99_ms"], 100),
              Check(f"referrals created, delivered and received, times pgbench in batches of {BATCH}",
                    ratio(turns["stalled"], turns["pgbench"], "received_per_second"), 0.3, at_least=True),
              Check("push, p99 of the others, one partner stalled, times that with none",
                    ratio(turns["calm stalled"], turns["calm"], "delivered_p99_ms"), 1.1),
              Check(f"push, median, {20_000 if quick else CLOSED:,} closed referrals, times that with none",
                    ratio(many, few, "delivered_p50_ms"), 1.2),
              Check("referral, processor time, the same", ratio(many, few, "postgres_us"), 1.2),
              Check("push, median, beside an old transaction, times that before",
                    after["delivered_p50_ms"] / before["delivered_p50_ms"], 1.2)]
    return [Part("delivery", {**rows, "spine": spine, "turns": turns}, [way, table], checks)]
