"""What goes on beside a programme while something else is done with it."""

import collections
import itertools
import threading
import time

from programme import Programme


class Watcher:
    """A thread that lives as long as the `with` block; `_run` of the subclass ends when `_pause` says so."""

    def __init__(self, programme: Programme):
        self._programme = programme
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *error):
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        raise NotImplementedError

    def _pause(self, seconds: float) -> bool:
        """Waits so long; false when it is time to end."""
        return not self._stop.wait(seconds)


class Restarts(Watcher):
    """Starts again what ended and is to run until it is stopped, as an engine does."""

    def _run(self) -> None:
        while self._pause(0.1):
            for container in self._programme.dead():
                container.start()


class Aborts(Watcher):
    """While a campaign runs: ends one service after the other by SIGABRT, as a bug in a library does, the next
    when the last one is healthy again."""

    def __init__(self, programme: Programme, names: list[str]):
        super().__init__(programme)
        self.done: collections.Counter[str] = collections.Counter()
        self._names = names

    def _run(self) -> None:
        for name in itertools.cycle(self._names):
            container = self._programme.container(name)
            lives = container.starts
            container.signal("SIGABRT")
            while container.starts == lives or not container.is_healthy():
                if not self._pause(0.1):
                    return
            self.done[name] += 1
            if not self._pause(0.5):
                return


class HealthWatch(Watcher):
    """Asks every container at its interval; who fails `retries` times running is unhealthy, as for an engine."""

    def __init__(self, programme: Programme):
        super().__init__(programme)
        self.asked, self.unhealthy = 0, []

    def _run(self) -> None:
        next_time: dict[str, float] = {}
        failures: collections.Counter[str] = collections.Counter()
        while self._pause(0.25):
            for container in self._programme.containers():
                name = container.service.name
                if container.health is None or time.monotonic() < next_time.get(name, 0):
                    continue
                self.asked += 1
                failures[name] = 0 if container.is_healthy() else failures[name] + 1
                if failures[name] == container.health.retries:
                    self.unhealthy.append(name)
                next_time[name] = time.monotonic() + container.health.interval
