"""What the parts of tests/bench/run stand on: programs, databases, a clock, medians."""
import os
import statistics
import subprocess
import time

import machine

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FOLDER = os.path.join(ROOT, "tests", "bench")
BUILD = os.path.join(ROOT, "build", "release")
START = time.monotonic()
QUIETLY = "SET client_min_messages = warning"


def say(text):
    print(f"[{time.monotonic() - START:5.0f} s] {text}", flush=True)


def run(*argv, **more):
    return subprocess.run(argv, check=True, text=True, **more)


def output(*argv, **more):
    return run(*argv, stdout=subprocess.PIPE, **more).stdout


def tool(name):
    """A program that is built for the benchmark."""
    return f"{BUILD}/tests/bin/{name}"


def psql(database, *arguments, **more):
    return output("psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", database, *arguments, **more)


def query(database, sql, **variables):
    """The rows of one statement, each a list of texts; `:'name'` stands for a variable."""
    given = [part for name, value in variables.items() for part in ("-v", f"{name}={value}")]
    text = psql(database, "-A", "-t", "-F", "\t", *given, "-f", "-", input=sql)
    return [line.split("\t") for line in text.splitlines()]


# The roles that deploy/dev/private-postgres makes.
OWNER_ROLE, SERVICE_ROLE = "veille_owner", "veille_service"


def clone(template, name):
    psql("postgres", "-c", QUIETLY, "-c", f"DROP DATABASE IF EXISTS {name} (FORCE)", "-c",
         f"CREATE DATABASE {name} TEMPLATE {template} OWNER {OWNER_ROLE}", "-c", "CHECKPOINT")


class Program:
    """A server that prints SERVING and its address."""

    def __init__(self, *argv, **more):
        begin = time.monotonic()
        self.process = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, **more)
        for line in self.process.stdout:
            if line.startswith("SERVING "):
                self.start_seconds = time.monotonic() - begin
                self.address, *self.more_addresses = line.split()[1:]
                return
        raise SystemExit(f"{argv[0]} did not start")

    @property
    def pid(self):
        return self.process.pid

    def memory(self, which):
        return machine.memory(self.pid, which)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        if self.process.returncode is None:
            self.process.terminate()
        if self.process.wait(60) != 0:
            raise SystemExit("a server did not end in order")


def connection(database, role=SERVICE_ROLE):
    return f"host={os.environ['PGHOST']} user={role} dbname={database}"


def migrate(service, database):
    """A new database with the schema of a service."""
    psql("postgres", "-c", QUIETLY, "-c",
         f"DROP DATABASE IF EXISTS {database} (FORCE)", "-c", f"CREATE DATABASE {database} OWNER {OWNER_ROLE}")
    run(f"{BUILD}/bin/veille-{service}", "migrate", "--database", connection(database, OWNER_ROLE),
        "--service-role", SERVICE_ROLE, stderr=subprocess.DEVNULL)


def unix_socket(name):
    """An address in the folder of the private PostgreSQL, which goes with it."""
    return f"unix:{os.environ['PGHOST']}/{name}.sock"


# What a service is told of those that it calls; none of them needs to be there at start.
PEERS = {"tenant-registry": ["calls"], "call-tracking": ["registry", "referral"], "referral": ["calls"]}


def authority():
    """A folder with an authority of this run, which goes with its PostgreSQL."""
    folder = os.path.join(os.environ["PGHOST"], "authority")
    if not os.path.exists(folder):
        run(f"{BUILD}/bin/veillectl", "dev-certs", folder, stdout=subprocess.DEVNULL)
    return folder


def protection(name):
    """The options by which a service speaks TLS and asks for proofs."""
    folder = authority()
    return ["--tls-certificate", f"{folder}/{name}.pem", "--tls-key", f"{folder}/{name}.key",
            "--tls-authority", f"{folder}/authority.pem", "--issuers", f"{folder}/issuers.json",
            "--audit-key", f"{folder}/audit.key"]


def service(name, database, listen="127.0.0.1:0", peers=None, *options, secure=False):
    """A service over a database; `peers` are addresses by name ({"registry": …})."""
    addresses = []
    for peer in PEERS[name]:
        addresses += [f"--{peer}-address", (peers or {}).get(peer, "127.0.0.1:1")]
    protected = protection(name) if secure else ["--insecure-loopback"]
    # What a call costs is measured with rates as they are, and few callers make very many calls.
    rates = ["--person-calls-per-second", "1000000", "--partner-calls-per-second", "1000000"]
    return Program(f"{BUILD}/bin/veille-{name}", "serve", *protected, *rates, "--listen", listen,
                   "--database", connection(database), "--log-level", "error", *addresses, *options)


def median(rounds, key):
    """None when it was not measured."""
    values = [r[key] for r in rounds if r.get(key) is not None]
    return statistics.median(values) if values else None


def medians(rounds):
    """One set of figures of several: the median of each."""
    return {key: median(rounds, key) for key in rounds[0]}
