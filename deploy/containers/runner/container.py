"""One service of compose.yaml as a running program: its image's root (read-only where the file says so), its
mounts, user, capabilities, environment and command, and nothing else."""

import collections
import errno
import os
import pathlib
import signal
import subprocess
import threading
import time

from buildah import Buildah, BuildahError, Image
from compose_file import Health, Mount, Service

# What buildah lays over a root wherever it runs something.
BUILDAHS_FOLDERS = ("/dev", "/proc", "/sys", "/run", "/etc")
BUILDAHS_FILES = ("/etc/hostname", "/etc/hosts", "/etc/resolv.conf")
QUICK = 0.2  # seconds between two looks at what is about to start


class ContainerError(Exception):
    """What became of a container, and the end of what it said."""


def merged_health(service: Service, image: Image) -> Health | None:
    """What compose.yaml says, else the image; None when nobody can be asked."""
    if service.health.disabled or not (service.health.test or image.health.test):
        return None
    said, other = service.health, image.health
    return Health(test=said.test or other.test, interval=said.interval or other.interval or 30,
                  timeout=said.timeout or other.timeout or 30,
                  retries=said.retries or other.retries or 3,
                  start_period=said.start_period or other.start_period)


class Container:
    def __init__(self, buildah: Buildah, service: Service, image: Image, state: pathlib.Path):
        self.service, self.image = service, image
        self.health = merged_health(service, image)
        self.started = 0.0
        self.starts = 0
        self.serving_after: float | None = None  # seconds
        self._buildah, self._state = buildah, state
        self._process: subprocess.Popen | None = None
        self._wanted = False  # to run: started, and not stopped since
        self._said = collections.deque(maxlen=40)
        self._log = state / "logs" / f"{service.name}.log"
        self._log.parent.mkdir(parents=True, exist_ok=True)
        self._id = buildah.output("from", "--pull-never", "--name", service.name, image.name)
        self._root = pathlib.Path(buildah.output("mount", self._id))
        self._sources = [(mount, self._source_of(mount)) for mount in service.mounts]
        self._make_root_read_only()

    def start(self) -> None:
        self.started = time.monotonic()
        self.starts += 1
        self._wanted = True
        self._process = subprocess.Popen(
            self._run_command(self._words()), env=self._buildah.environment, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        threading.Thread(target=self._listen, args=(self._process,), daemon=True).start()

    def call(self, words: list[str], timeout: float,
             given: bytes | None = None) -> subprocess.CompletedProcess:
        """A program in the same root beside the container's own; `given` is its standard input."""
        done = subprocess.run(self._run_command(words), env=self._buildah.environment, check=False,
                              capture_output=True, input=given or b"", timeout=timeout)
        return subprocess.CompletedProcess(words, done.returncode, done.stdout.decode("utf-8"),
                                           done.stderr.decode("utf-8"))

    def call_command(self, arguments: list[str], timeout: float,
                     given: bytes | None) -> subprocess.CompletedProcess:
        """As `docker compose run SERVICE arguments…`."""
        return self.call(self._entrypoint() + arguments, timeout, given)

    def is_healthy(self) -> bool:
        try:
            return self.call(self.health.test, self.health.timeout).returncode == 0
        except subprocess.TimeoutExpired:
            return False

    def wait_healthy(self) -> None:
        """Asked more often than its interval until it first answers; given up when Docker would."""
        if self.health is None:
            raise ContainerError(f"{self.service.name} has no health check")
        limit = self.health.start_period + self.health.retries * self.health.interval
        while not self.is_healthy():
            if self._process.poll() is not None:
                raise ContainerError(f"{self.service.name} ended with {self._process.returncode}:\n"
                                     f"{self.last_words()}")
            if time.monotonic() - self.started > limit:
                raise ContainerError(f"{self.service.name} is not healthy after {limit:.0f} s:\n"
                                     f"{self.last_words()}")
            time.sleep(QUICK)

    def wait_completed(self) -> None:
        code = self._process.wait(timeout=300)
        if code != 0:
            raise ContainerError(f"{self.service.name} ended with {code}:\n{self.last_words()}")

    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def died(self) -> bool:
        """Whether it ended although nobody stopped it."""
        return self._wanted and not self.is_running()

    def signal(self, name: str) -> None:
        for process in self._programs():
            os.kill(process, signal.Signals[name])

    def stop(self) -> int:
        """Its exit code after its own signal; killed when its grace is over."""
        self._wanted = False
        self.signal(self.service.stop_signal or self.image.stop_signal)
        try:
            return self._process.wait(timeout=self.service.stop_grace_seconds)
        except subprocess.TimeoutExpired as error:
            self._process.kill()
            raise ContainerError(f"{self.service.name} did not stop in "
                                 f"{self.service.stop_grace_seconds:.0f} s") from error

    def status(self) -> dict[str, str]:
        """What the kernel says of its first process (/proc/PID/status)."""
        for process in self._programs():
            lines = pathlib.Path(f"/proc/{process}/status").read_text().splitlines()
            return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}
        raise ContainerError(f"{self.service.name} does not run:\n{self.last_words()}")

    def peak_megabytes(self) -> float:
        """The most memory that its first process had resident."""
        return int(self.status()["VmHWM"].split()[0]) / 1024

    def root_is_read_only(self) -> bool:
        """By trying, from where the program is."""
        try:
            os.open(f"/proc/{self._programs()[0]}/root/written", os.O_WRONLY | os.O_CREAT, 0o600)
        except OSError as error:
            return error.errno == errno.EROFS
        return False

    def last_words(self) -> str:
        return "\n".join(self._said)

    def _entrypoint(self) -> list[str]:
        return self.image.entrypoint if self.service.entrypoint is None else self.service.entrypoint

    def _words(self) -> list[str]:
        if self.service.command is not None:
            return self._entrypoint() + self.service.command
        # An entrypoint of compose.yaml takes the place of both of the image's.
        return self._entrypoint() + (self.image.command if self.service.entrypoint is None else [])

    def _run_command(self, words: list[str]) -> list[str]:
        options = ["--no-hosts", "--user", self.service.user or self.image.user or "0:0"]
        for name, value in self.service.environment.items():
            options += ["--env", f"{name}={value}"]
        for capability in self.service.cap_drop:
            options += ["--cap-drop", capability]
        for mount, source in self._sources:
            options += ["--volume", f"{source}:{mount.target}:{'ro' if mount.read_only else 'rw'}"]
        command = self._buildah.command("run", *options, self._id, "--", *words)
        return ["setpriv", "--no-new-privs", *command] if self.service.no_new_privileges else command

    def _source_of(self, mount: Mount) -> str:
        """The folder or file of this machine that is laid at mount.target."""
        if mount.kind in ("bind", "secret"):
            return mount.source
        if mount.kind == "tmpfs":
            folder = self._state / "tmpfs" / self.service.name / mount.target.strip("/").replace("/", "-")
            folder.mkdir(parents=True)
            _call("mount", "-t", "tmpfs", "-o", mount.source or "mode=1777", "tmpfs", str(folder))
            return str(folder)
        folder = self._state / "volumes" / mount.source
        if not folder.exists():  # a new volume begins as what the image has there
            folder.parent.mkdir(parents=True, exist_ok=True)
            inside = self._root / mount.target.lstrip("/")
            if inside.is_dir():
                _call("cp", "--archive", str(inside), str(folder))
            else:
                folder.mkdir()
        return str(folder)

    def _make_root_read_only(self) -> None:
        """With the places on which something is mounted, as an engine makes them before."""
        for folder in BUILDAHS_FOLDERS:
            self._place(folder).mkdir(exist_ok=True)
        for file in BUILDAHS_FILES:
            self._place(file).touch()
        for mount, source in self._sources:
            place = self._place(mount.target)
            if mount.target.startswith("/run/"):
                continue  # below the tmpfs, where buildah makes it
            if not os.path.isfile(source):
                place.mkdir(parents=True, exist_ok=True)
            else:
                place.parent.mkdir(parents=True, exist_ok=True)
                place.touch()
        if self.service.read_only:
            _call("mount", "--bind", str(self._root), str(self._root))
            # Buildah keeps a file of its own in /run, which takes nothing from the program: it is root's.
            _call("mount", "-t", "tmpfs", "-o", "mode=0755", "tmpfs", str(self._root / "run"))
            _call("mount", "-o", "remount,bind,ro", str(self._root))

    def _place(self, path: str) -> pathlib.Path:
        """A path of the container on this machine, which no link leads out of its root."""
        place = self._root / path.lstrip("/")
        if not place.parent.resolve().is_relative_to(self._root.resolve()):
            raise ContainerError(f"{self.service.name}: {path} leads out of the image by a link")
        return place

    def _listen(self, process: subprocess.Popen) -> None:
        with open(self._log, "a", encoding="utf-8") as log:
            for line in process.stdout:
                if self.serving_after is None and line.startswith("SERVING "):
                    self.serving_after = self._age()
                self._said.append(line.rstrip())
                log.write(line)
                log.flush()

    def _age(self) -> float:
        """Seconds since the program itself started, without what buildah does before."""
        fields = pathlib.Path(f"/proc/{self._programs()[0]}/stat").read_text().rpartition(")")[2].split()
        started = int(fields[19]) / os.sysconf("SC_CLK_TCK")
        return time.clock_gettime(time.CLOCK_BOOTTIME) - started

    def _programs(self) -> list[int]:
        """The container's first process: the first below buildah's that is not buildah's."""
        waiting, found = [self._process.pid], []
        while waiting:
            process = waiting.pop()
            try:
                name = os.readlink(f"/proc/{process}/exe")
                children = " ".join(thread.read_text() for thread in
                                    pathlib.Path(f"/proc/{process}/task").glob("*/children")).split()
            except OSError:
                continue  # it ended meanwhile
            if "buildah" in os.path.basename(name):  # or what it runs of itself out of memory
                waiting += [int(child) for child in children]
            else:
                found.append(process)
        return found


def _call(*arguments: str) -> None:
    done = subprocess.run(arguments, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise BuildahError(f"{' '.join(arguments)}: {done.stderr.strip()}")
