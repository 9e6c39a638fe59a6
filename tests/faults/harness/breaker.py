"""Carries a schedule out: each fault begins at its time and ends when it has lasted, side by side
with the others. Nothing is broken any more when `run` returns."""
import errno
import os
import signal
import subprocess
import threading
import time

LONGEST_WAIT = 12.0  # seconds: longer than any fault lasts
PIECE = bytes(1 << 20)  # what a disk is filled with


class Breaker:
    def __init__(self, world, machines, say):
        self._world, self._machines, self._say = world, machines, say
        self.counts = {}
        self.kills = 0
        self._locks = {name: threading.Lock() for name in [*world.replicas, *machines, "postgresql"]}
        self.errors = []

    def run(self, faults):
        begin = time.monotonic()
        threads = []
        for fault in faults:
            time.sleep(max(0, begin + fault.at - time.monotonic()))
            thread = threading.Thread(target=self._one, args=(fault,))
            thread.start()
            threads.append(thread)
        for thread in threads:
            thread.join()
        self.mend()

    @property
    def ends(self):
        return self._world.ends

    def mend(self):
        """Everything runs and the network is clean."""
        self._world.raise_database()
        for link in self._world.network.links:
            self._world.network.become(link, kind="clean")
        for replica in self._world.replicas.values():
            replica.set_clock(0)
            # gRPC 1.51 waits by the time of day: after a step back no deadline passes, and no peer is
            # found again, for as long as the clock went back. README.md says what to do about it.
            if replica.stepped:
                replica.kill()
            if replica.process.poll() is not None:
                replica.start()
        self._world.wait_until_serving()

    def _one(self, fault):
        """On one target one fault at a time. One whose turn does not come is passed over: on a slow
        machine the run must not outlast its schedule."""
        lock = self._locks.get(fault.target)
        if lock is not None and not lock.acquire(timeout=LONGEST_WAIT):
            return self._count("passed over")
        self._say(str(fault))
        self._count(fault.kind)
        try:
            getattr(self, f"_{fault.kind}")(fault)
        except Exception as error:  # told at the end: the harness itself must not break silently
            self.errors.append(f"{fault}: {error!r}")
        finally:
            if lock is not None:
                lock.release()

    def _count(self, what):
        self.counts[what] = self.counts.get(what, 0) + 1

    def _start(self, replica):
        """As a supervisor does: again when it ends at once, its database being gone."""
        for _ in range(10):
            self._world.raise_database()
            replica.start()
            try:
                replica.process.wait(1)
            except subprocess.TimeoutExpired:
                return

    def _kill(self, fault):
        replica = self._world.replicas[fault.target]
        replica.kill()
        self.kills += 1
        time.sleep(fault.seconds)
        self._start(replica)

    def _term(self, fault):
        replica = self._world.replicas[fault.target]
        replica.signal(signal.SIGTERM)
        try:
            replica.process.wait(45)
        except subprocess.TimeoutExpired:
            self.errors.append(f"{fault}: did not drain")
            replica.kill()
        time.sleep(fault.seconds)
        self._start(replica)

    def _stop(self, fault):
        replica = self._world.replicas[fault.target]
        replica.signal(signal.SIGSTOP)
        time.sleep(fault.seconds)
        replica.signal(signal.SIGCONT)

    def _link(self, fault):
        mode = dict(fault.detail)
        self._count(f"link {mode['kind']}")
        self._world.network.become(fault.target, **mode)
        time.sleep(fault.seconds)
        self._world.network.become(fault.target, kind="clean")

    def _database(self, fault):
        self._world.database_control("crash")
        self.kills += 1
        time.sleep(fault.seconds)
        self._world.raise_database()

    def _freeze(self, fault):
        processes = self._world.database_processes()
        for number in (signal.SIGSTOP, signal.SIGCONT):
            for process in processes:
                try:
                    os.kill(process, number)
                except ProcessLookupError:
                    continue
            if number == signal.SIGSTOP:
                time.sleep(fault.seconds)

    def _partner(self, fault):
        machine = self._machines[fault.target]
        machine.stop()
        time.sleep(fault.seconds)
        machine.start()

    def _disk(self, fault):
        filler = os.path.join(os.environ["PGHOST"], "filler")
        try:
            self._fill(filler)
            time.sleep(fault.seconds)
        finally:
            os.remove(filler)
        self._world.raise_database()

    @staticmethod
    def _fill(path):
        """Until nothing fits any more."""
        with open(path, "wb", buffering=0) as file:
            try:
                while file.write(PIECE):
                    continue
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise

    def _clock(self, fault):
        replica = self._world.replicas[fault.target]
        replica.set_clock(dict(fault.detail)["step"])
        replica.stepped = True
        time.sleep(fault.seconds)
        replica.set_clock(0)
