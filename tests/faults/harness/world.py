"""The programme under test: one registry, two call-tracking, two referral, their databases, and the
network between them, all of which can be broken."""
import json
import os
import pathlib
import random
import signal
import socket
import subprocess
import sys
import threading
import time

import psycopg2

HERE = os.path.dirname(os.path.abspath(__file__))
REPLICAS = {"registry-1": "tenant-registry", "calls-1": "call-tracking", "calls-2": "call-tracking",
            "referral-1": "referral", "referral-2": "referral"}
PEERS = {"tenant-registry": {"calls": "calls-1"},
         "call-tracking": {"registry": "registry-1", "referral": "referral-1"},
         "referral": {"calls": "calls-2"}}
DATABASES = {"tenant-registry": "faults_registry", "call-tracking": "faults_calls",
             "referral": "faults_referral"}
OWNER, SERVICE_ROLE = "veille_owner", "veille_service"  # made by deploy/dev/private-postgres
LEASE_SECONDS = 6
START_SECONDS = 60
FAKETIME = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1"


def connect(database):
    connection = psycopg2.connect(host=os.environ["PGHOST"], user=os.environ["PGUSER"], dbname=database,
                                  connect_timeout=10)
    connection.autocommit = True
    return connection


class Network:
    """The proxy process."""

    def __init__(self, seed):
        self._process = subprocess.Popen([sys.executable, os.path.join(HERE, "proxy.py"), str(seed)],
                                         stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._lock = threading.Lock()
        self.links = []

    def _say(self, **order):
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()

    def link(self, name, target):
        """The port to connect to instead of the target."""
        with self._lock:
            self._say(listen=name, to=target)
            self.links.append(name)
            return json.loads(self._process.stdout.readline())["port"]

    def become(self, link, **mode):
        with self._lock:
            self._say(link=link, **mode)

    def close(self):
        self._process.stdin.close()
        self._process.wait(10)
        self._process.stdout.close()


class Replica:
    def __init__(self, world, name):
        self.name, self.service, self._world = name, REPLICAS[name], world
        self.listen = world.free_port()
        self.port = world.network.link(f"to:{name}", f"127.0.0.1:{self.listen}")
        self._database_port = world.network.link(
            f"db:{name}", f"unix:{os.environ['PGHOST']}/.s.PGSQL.5432")
        self.lives, self.process, self.log = 0, None, open(f"{world.folder}/{name}.log", "ab")
        self.stepped = False  # its clock, in this life
        self.clock = f"{world.folder}/{name}.clock"
        self.set_clock(0)

    def set_clock(self, seconds):
        with open(self.clock + ".new", "w") as file:
            file.write(f"{seconds:+d}s\n")
        os.rename(self.clock + ".new", self.clock)

    def start(self):
        self._note_end()
        self.lives += 1
        self.stepped = False
        # Who writes what is read off the name of the connection: another with each life.
        database = (f"host=127.0.0.1 port={self._database_port} user={SERVICE_ROLE} "
                    f"dbname={DATABASES[self.service]} application_name={self.name}.{self.lives}")
        argv = [f"{self._world.bin}/veille-{self.service}", "serve", "--insecure-loopback", "--listen",
                f"127.0.0.1:{self.listen}", "--database", database, "--database-lanes", "4",
                "--drain-timeout", "5s", "--log-level", "warning",
                "--person-calls-per-second", "0", "--partner-calls-per-second", "0"]
        for peer, replica in PEERS[self.service].items():
            argv += [f"--{peer}-address", f"127.0.0.1:{self._world.replicas[replica].port}"]
        if self.service == "call-tracking":
            argv += ["--lease-duration", f"{LEASE_SECONDS}s"]
        environment = dict(os.environ)
        if self._world.clocks:
            environment.update(LD_PRELOAD=FAKETIME, FAKETIME_TIMESTAMP_FILE=self.clock,
                               FAKETIME_CACHE_DURATION="1", FAKETIME_DONT_FAKE_MONOTONIC="1",
                               DONT_FAKE_MONOTONIC="1")
        self.process = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=self.log,
                                        env=environment)

    def _note_end(self):
        """What ended it, when that was none of us; and what faketime leaves of who is killed goes."""
        if self.process is None or self.process.poll() is None:
            return
        if self.process.returncode not in (0, -signal.SIGKILL, -signal.SIGTERM):
            self._world.ends.append((self.name, self.process.returncode))
        for shared in ("faketime_shm_", "sem.faketime_sem_"):
            pathlib.Path(f"/dev/shm/{shared}{self.process.pid}").unlink(missing_ok=True)

    def signal(self, number):
        if self.process.poll() is None:
            self.process.send_signal(number)

    def kill(self):
        self.signal(signal.SIGCONT)
        self.signal(signal.SIGKILL)
        self.process.wait()
        self._note_end()

    def serves(self):
        healthy = subprocess.run([f"{self._world.bin}/veille-{self.service}", "health", "--listen",
                                  f"127.0.0.1:{self.listen}", "--insecure-loopback"],
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return healthy.returncode == 0


class World:
    def __init__(self, bin_folder, folder, seed, clocks):
        self.bin, self.folder, self.clocks = bin_folder, folder, clocks
        self.network = Network(seed)
        self._passed = 0
        self.ends = []  # (replica, exit code) of those that ended by themselves, or not in order
        self.replicas = {}
        for service, database in DATABASES.items():
            self._make_database(service, database)
        for name in REPLICAS:
            self.replicas[name] = Replica(self, name)
        for replica in self.replicas.values():
            replica.start()
        self.wait_until_serving()

    @staticmethod
    def free_port():
        """Below those that the system gives to outgoing connections: it stays free while its service
        is down."""
        while True:
            port = random.SystemRandom().randint(20000, 32000)
            with socket.socket() as probe:
                try:
                    probe.bind(("127.0.0.1", port))
                    return port
                except OSError:
                    continue

    def _make_database(self, service, database):
        with connect("postgres").cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {database} OWNER {OWNER}")
        subprocess.run([f"{self.bin}/veille-{service}", "migrate", "--log-level", "warning", "--database",
                        f"host={os.environ['PGHOST']} user={OWNER} dbname={database}",
                        "--service-role", SERVICE_ROLE], check=True)
        trace = f"{HERE}/trace_{database.removeprefix('faults_')}.sql"
        if os.path.exists(trace):
            with connect(database).cursor() as cursor, open(trace) as text:
                cursor.execute(text.read())

    def wait_until_serving(self):
        deadline = time.monotonic() + START_SECONDS
        for replica in self.replicas.values():
            while not replica.serves():
                if replica.process.poll() is not None:
                    replica.start()
                if time.monotonic() > deadline:
                    raise RuntimeError(f"{replica.name} does not serve")
                time.sleep(0.1)

    def address(self, replica):
        return f"127.0.0.1:{self.replicas[replica].port}"

    def query(self, database, sql):
        with connect(database) as connection, connection.cursor() as cursor:
            cursor.execute(sql)
            columns = [column.name for column in cursor.description]
            return [dict(zip(columns, row)) for row in cursor.fetchall()]

    def pass_time(self, seconds):
        """By the databases' clocks: what waits for a later try is due at once; the services' clocks
        stand."""
        self._passed += seconds
        for database in DATABASES.values():
            with connect(database).cursor() as cursor:
                cursor.execute("CREATE OR REPLACE FUNCTION veille_now() RETURNS timestamptz LANGUAGE sql "
                               f"STABLE PARALLEL SAFE RETURN now() + interval '{self._passed} seconds'")

    def database_control(self, what):
        return subprocess.run([os.environ["VEILLE_TEST_PGCTL"], what], stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL).returncode == 0

    def database_runs(self):
        try:
            connect("postgres").close()
            return True
        except psycopg2.OperationalError:
            return False

    def database_processes(self):
        """The server and what it has started."""
        with open(os.path.join(os.environ["VEILLE_TEST_PGDATA"], "postmaster.pid")) as file:
            server = file.readline().strip()
        with open(f"/proc/{server}/task/{server}/children") as file:
            return [int(server), *map(int, file.read().split())]

    def raise_database(self):
        """Until it answers, whatever state it was left in."""
        deadline = time.monotonic() + START_SECONDS
        while not self.database_runs():
            if not self.database_control("status"):
                self.database_control("start")
            if time.monotonic() > deadline:
                raise RuntimeError("PostgreSQL does not come back")
            time.sleep(0.1)

    def close(self):
        for replica in self.replicas.values():
            replica.kill()
        self.network.close()
