"""One measurement of lease + record, by whoever does it: the service, the peers, pgbench, gRPC alone.

Each begins with a fresh copy of the prepared database, counts afterwards whether the calls are there,
and gives figures by the same names: per_second, p50_ms, p90_ms, p99_ms, max_ms, server_us and
postgres_us (processor time of a pair), memory_mb. Everything talks over Unix sockets.
"""
import filecmp
import json
import os
import shutil
import subprocess
import tempfile

from harness import (BUILD, FOLDER, ROOT, SERVICE_ROLE, Program, authority, clone, migrate, output, psql,
                     query, service, tool, unix_socket)
from machine import Spending

LANDLORD = "01890000-0000-7000-8000-00000000000a"
CAMPAIGN = "01890000-0000-7000-8000-00000000000b"
SCRIPT = "01890000-0000-7000-8000-00000000000c"
HISTORY = 20_000
BATCH = 64

# As the lanes of the services have them (services/common/db/lane.cc).
LANE_SETTINGS = "-c jit=off -c enable_seqscan=off -c plan_cache_mode=force_generic_plan"


def prepare_calls(database, households):
    """A running campaign with so many households that are due."""
    migrate("call-tracking", database)
    body = output(tool("calls_pgbench"), "--script-body", SCRIPT).strip()
    _fill(database, "prepare_calls.sql", households, f"script={SCRIPT}", f"history={HISTORY}",
          f"script_body={body}")


def prepare_registry(database, households):
    """A registry that knows those households."""
    migrate("tenant-registry", database)
    _fill(database, "prepare_registry.sql", households)


def _fill(database, file, households, *more):
    given = [f"landlord={LANDLORD}", f"campaign={CAMPAIGN}", f"households={households}", *more]
    psql(database, *(part for one in given for part in ("-v", one)), "-f", f"{FOLDER}/{file}")


def _expect(database, pairs):
    """The run counts only if every pair is stored."""
    stored = int(query(database, "SELECT count(*) FROM attempts;")[0][0]) - HISTORY
    if stored != pairs:
        raise SystemExit(f"{pairs} calls were recorded, {stored} are stored")


def load(server, in_flight, seconds, rate=None, proof=()):
    """The generator against a server."""
    arguments = [*proof, server.address, LANDLORD, CAMPAIGN, str(in_flight), str(seconds)]
    with Spending(server.pid) as spent:
        figures = json.loads(output(tool("calls_load"), *arguments, *([str(rate)] if rate else [])))
    return {**figures, **spent.each(figures["ended"]), "memory_mb": server.memory("VmHWM")}


class Service:
    """call-tracking, with a registry that is real or a stub that answers from memory."""

    def __init__(self, registry_database=None, options=(), template="bench_calls"):
        self.registry_database = registry_database
        self.options = options
        self.template = template

    def registry(self):
        if self.registry_database:
            return service("tenant-registry", self.registry_database, unix_socket("registry"))
        return Program(tool("stub_registry"), unix_socket("registry"))

    def server(self, registry):
        return service("call-tracking", "bench_run", unix_socket("calls"), {"registry": registry.address},
                       *self.options)

    # How the volunteers show who they are.
    proof = ()

    # The first seconds of a server that is compiled while it runs say little of it.
    warm_up_seconds = 0

    def measure(self, in_flight, seconds, rate=None):
        clone(self.template, "bench_run")
        before = 0
        with self.registry() as registry, self.server(registry) as server:
            if self.warm_up_seconds:
                before = load(server, in_flight, self.warm_up_seconds, proof=self.proof)["ended"]
            figures = load(server, in_flight, seconds, rate, self.proof)
        _expect("bench_run", before + figures["ended"])
        return figures


class OverTcp(Service):
    """With the real registry, everything over TCP: in clear text, or by TLS with tokens and certificates."""

    def __init__(self, registry_database, secure, template="bench_calls"):
        super().__init__(registry_database, template=template)
        self.secure = secure
        self.proof = ("--dev-authority", authority()) if secure else ()

    def registry(self):
        return service("tenant-registry", self.registry_database, secure=self.secure)

    def server(self, registry):
        return service("call-tracking", "bench_run", "127.0.0.1:0", {"registry": registry.address},
                       secure=self.secure)


class NodePeer(Service):
    """The same contract, SQL and registry in Node: node_peer/server.js."""
    WORKERS = 2
    warm_up_seconds = 5
    HOME = os.path.join(BUILD, "tests", "node_peer")

    def __init__(self, pool):
        super().__init__()
        self.pool = pool

    @staticmethod
    def source(name):
        return os.path.join(FOLDER, "node_peer", name)

    @classmethod
    def install(cls):
        """Why it cannot be measured; nothing when it can."""
        missing = [program for program in ("node", "npm") if shutil.which(program) is None]
        if missing:
            return f"the server in Node: {' and '.join(missing)} not found"
        os.makedirs(cls.HOME, exist_ok=True)
        lock, installed = cls.source("package-lock.json"), os.path.join(cls.HOME, "installed.json")
        if os.path.exists(installed) and filecmp.cmp(lock, installed, shallow=False):
            return None
        shutil.copy(cls.source("package.json"), cls.HOME)
        shutil.copy(lock, cls.HOME)
        try:
            subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=cls.HOME,
                           check=True, timeout=120, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        except (subprocess.SubprocessError, OSError):
            return "the server in Node: npm cannot get its packages"
        shutil.copy(lock, installed)
        return None

    def server(self, registry):
        path = os.path.join(self.HOME, "options.json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump({"listen": unix_socket("node"), "registry": registry.address,
                       "workers": self.WORKERS, "pool": self.pool, "proto": os.path.join(ROOT, "proto"),
                       "pair": json.loads(output(tool("calls_pgbench"), "--statements")),
                       "database": {"host": os.environ["PGHOST"], "user": SERVICE_ROLE,
                                    "database": "bench_run",
                                    "options": f"{LANE_SETTINGS} -c veille.landlords={{{LANDLORD}}}"}}, file)
        return Program("node", self.source("server.js"), path,
                       env={**os.environ, "NODE_PATH": os.path.join(self.HOME, "node_modules"),
                            "NODE_ENV": "production"})


class Echo:
    """gRPC with the same messages and nothing behind it."""

    def measure(self, in_flight, seconds):
        with Program(tool("calls_echo"), unix_socket("echo")) as server:
            return {**load(server, in_flight, seconds), "postgres_us": None}


class Pgbench:
    """The same statements: a pair at a time, or in batches as the service makes them. Without a server,
    and without anybody who waits for an answer of each pair."""

    def __init__(self, batch=1, template="bench_calls"):
        self.batch = batch
        self.template = template

    def script(self):
        path = os.path.join(BUILD, "tests", f"calls_pairs_{self.batch}.sql")
        with open(path, "w", encoding="utf-8") as file:
            file.write(output(tool("calls_pgbench"), LANDLORD, CAMPAIGN, str(self.batch)))
        return path

    def measure(self, in_flight, seconds):
        clone(self.template, "bench_run")
        clients = str(in_flight // self.batch)
        with tempfile.TemporaryDirectory() as folder:
            with Spending() as spent:
                said = output(os.path.join(os.environ["VEILLE_TEST_PGBIN"], "pgbench"), "-n", "-M",
                              "prepared", "-c", clients, "-j", "2", "-T", str(seconds), "-f", self.script(),
                              "-l", f"--log-prefix={folder}/pairs", "-U", SERVICE_ROLE, "bench_run", stderr=subprocess.STDOUT,
                              env={**os.environ, "PGOPTIONS": LANE_SETTINGS})
            times = sorted(_milliseconds(folder))
        if "aborted" in said or "number of failed transactions: 0 " not in said:
            raise SystemExit(f"pgbench failed:\n{said}")
        pairs = len(times) * self.batch
        _expect("bench_run", pairs)
        at = {f"p{share}_ms": times[len(times) * share // 100] for share in (50, 90, 99)}
        return {"in_flight": in_flight, "ended": pairs, "per_second": pairs / seconds, **at,
                "max_ms": times[-1], **spent.each(pairs), "memory_mb": None}


def _milliseconds(folder):
    """How long each transaction took, from pgbench's own log."""
    for name in os.listdir(folder):
        with open(os.path.join(folder, name), encoding="ascii") as file:
            yield from (int(line.split()[2]) / 1000 for line in file)
