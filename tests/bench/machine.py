"""What this machine is, and what processes on it spend: all from /proc."""
import os
import platform

TICK = os.sysconf("SC_CLK_TCK")


def _stat(pid):
    """(parent, processor seconds with those of children that have ended)"""
    with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
        fields = file.read().rpartition(")")[2].split()
    return int(fields[1]), sum(map(int, fields[11:15])) / TICK


def _family(root):
    """{pid: processor seconds} of a process and all that descend from it."""
    while True:
        family = _look(root)
        # One that ended meanwhile has left its time to its parent, which may have been read before.
        if all(os.path.exists(f"/proc/{pid}") for pid in family):
            return family


def _look(root):
    known = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                known[int(name)] = _stat(name)
            except (FileNotFoundError, ProcessLookupError):
                pass
    family, grew = {root}, True
    while grew:
        more = {pid for pid, (parent, _) in known.items() if parent in family} - family
        family |= more
        grew = bool(more)
    return {pid: known[pid][1] for pid in family if pid in known}


def processor_seconds(pid):
    return sum(_family(pid).values())


def memory(pid, which):
    """Resident megabytes of a process and its descendants: VmRSS now, VmHWM at most so far."""
    total = 0
    for member in _family(pid):
        with open(f"/proc/{member}/status", encoding="utf-8") as status:
            total += next(int(line.split()[1]) for line in status if line.startswith(which))
    return total / 1024


def postmaster():
    with open(os.path.join(os.environ["VEILLE_TEST_PGDATA"], "postmaster.pid"), encoding="ascii") as file:
        return int(file.readline())


class Spending:
    """Processor seconds that a server and PostgreSQL spend inside `with`. A backend that ends
    meanwhile counts: its parent has what it spent."""

    def __init__(self, pid=None):
        self.pid = pid

    def _now(self):
        server = processor_seconds(self.pid) if self.pid else 0
        return server, processor_seconds(postmaster())

    def __enter__(self):
        self.begin = self._now()
        return self

    def __exit__(self, *_):
        self.server, self.postgres = (after - before for before, after in zip(self.begin, self._now()))

    def each(self, operations):
        """Microseconds for one operation, as figures."""
        return {"server_us": self.server / operations * 1e6 if self.pid else None,
                "postgres_us": self.postgres / operations * 1e6}


def _value(path, key):
    with open(path, encoding="utf-8") as file:
        for line in file:
            if line.startswith(key):
                return line.split(":", 1)[1].strip()
    return ""


def _filesystem(path):
    """Of the longest mount point above the path."""
    best = ("", "")
    with open("/proc/mounts", encoding="utf-8") as mounts:
        for line in mounts:
            _, point, kind = line.split()[:3]
            inside = point == "/" or path == point or path.startswith(point + "/")
            if inside and len(point) >= len(best[0]):
                best = (point, kind)
    return best[1]


def describe(setting):
    """Lines about the machine; `setting` asks PostgreSQL for one of its own."""
    gigabytes = int(_value("/proc/meminfo", "MemTotal").split()[0]) / 2**20
    model = _value("/proc/cpuinfo", "model name") or platform.machine()
    on = [f"{name} {setting(name)}" for name in ("fsync", "synchronous_commit", "full_page_writes",
                                                 "shared_buffers")]
    return [f"{os.cpu_count()} cores ({model}), {gigabytes:.0f} GiB of memory, "
            f"Linux {platform.release().split('-')[0]}",
            f"PostgreSQL {setting('server_version').split()[0]}: {', '.join(on)}; data on "
            f"{_filesystem(os.environ['VEILLE_TEST_PGDATA'])}",
            "Load generators, servers and PostgreSQL share these cores."]
