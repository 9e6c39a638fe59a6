"""What the parts of tests/bench/run stand on: programs, databases, a clock, a verdict."""
import os
import statistics
import subprocess
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.join(ROOT, "build", "release")
START = time.monotonic()


def say(text):
    print(f"[{time.monotonic() - START:5.0f} s] {text}", flush=True)


def run(*argv, **more):
    return subprocess.run(argv, check=True, text=True, **more)


def psql(database, *arguments, **more):
    return run("psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", database, *arguments,
               stdout=subprocess.PIPE, **more).stdout


def clone(template, name):
    psql("postgres", "-c", f"DROP DATABASE IF EXISTS {name} (FORCE)")
    psql("postgres", "-c", f"CREATE DATABASE {name} TEMPLATE {template}")
    psql("postgres", "-c", "CHECKPOINT")


class Program:
    """A server that prints SERVING and its address."""

    def __init__(self, *argv):
        self.process = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True)
        for line in self.process.stdout:
            if line.startswith("SERVING "):
                self.address = line.split()[1]
                return
        raise SystemExit(f"{argv[0]} did not start")

    def memory(self, which):
        """Resident megabytes: VmRSS now, VmHWM at most so far."""
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
            return next(int(line.split()[1]) for line in status if line.startswith(which)) / 1024

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        if self.process.wait(60) != 0:
            raise SystemExit("a server did not end in order")


def connection(database):
    return f"host={os.environ['PGHOST']} user={os.environ['PGUSER']} dbname={database}"


def migrate(service, database):
    """A new database with the schema of a service."""
    psql("postgres", "-c", "SET client_min_messages = warning", "-c",
         f"DROP DATABASE IF EXISTS {database} (FORCE)", "-c", f"CREATE DATABASE {database}")
    run(f"{BUILD}/bin/veille-{service}", "migrate", "--database", connection(database),
        stderr=subprocess.DEVNULL)


def unix_socket(name):
    """An address in the folder of the private PostgreSQL, which goes with it."""
    return f"unix:{os.environ['PGHOST']}/{name}.sock"


def registry_server(database, address="127.0.0.1:0"):
    return Program(f"{BUILD}/bin/veille-tenant-registry", "serve", "--insecure-loopback",
                   "--listen", address, "--database", connection(database),
                   "--calls-address", "127.0.0.1:1")


def median(rounds, key):
    return statistics.median(r[key] for r in rounds)


def judge(checks):
    """Prints (name, value, whether it is good, its limit) each; whether all are good."""
    print()
    for name, value, good, limit in checks:
        print(f"{name}: {value:.2f} ({limit}) {'ok' if good else 'MISSED'}")
    return all(good for _, _, good, _ in checks)
