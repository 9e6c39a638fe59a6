"""What the people have in common: they do one thing after the other until told to stop, and ask
again with the same request until somebody says what became of it."""
import random
import threading
import time
import uuid

import grpc

from wire import Caller, Error


class Actor:
    """A person, or a machine that acts for people, with a thread of its own."""

    def __init__(self, name, seed):
        self.name = name
        self.random = random.Random(f"{seed}/{name}")
        self.broke = ""  # by which error of the harness
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self):
        self._thread.start()

    def stop(self):
        """After what it is doing."""
        self._stop.set()

    def join(self, seconds):
        self._thread.join(seconds)
        return not self._thread.is_alive()

    @property
    def stopping(self):
        return self._stop.is_set()

    def rest(self, seconds):
        """Less if told to stop."""
        self._stop.wait(seconds)

    def _run(self):
        while not self.stopping:
            try:
                self.act()
            except Error:  # said no, or nobody answered: on with the next thing
                self.rest(0.2)
            except Exception as error:  # told at the end: nobody may fall silent unseen
                self.broke = repr(error)
                return

    def act(self):
        raise NotImplementedError


class Door:
    """One identity before the replicas of a service: another one is asked when one does not answer."""

    def __init__(self, history, who, random_, addresses, give_up_after=60.0, **identity):
        self._history, self._who, self._random = history, who, random_
        self._callers = [Caller(address, **identity) for address in addresses]
        self._patience = give_up_after

    def look(self, method, **fields):
        """A call that changes nothing."""
        return self._random.choice(self._callers).call(method, **fields)

    def insist(self, what, method, facts, tell, **fields):
        """Asks until somebody answers, with one request id. `facts` go into the history with each
        asking, `tell(response)` with the answer. Raises the last Error."""
        request = str(uuid.uuid4())
        until = time.monotonic() + self._patience
        while True:
            with self._history.operation(self._who, what, request=request, **facts) as operation:
                try:
                    answer = self._random.choice(self._callers).call(method, request_id=request, **fields)
                    operation.ok(**facts, request=request, **tell(answer))
                    return answer
                except Error as error:
                    end = operation.fail if error.known else operation.unknown
                    end(**facts, request=request, code=error.code.name, reason=error.reason)
                    if (error.known and not error.told_to_wait) or time.monotonic() > until:
                        raise
                    wait = error.retry_seconds if error.retry_seconds is not None else 0.1
            time.sleep(min(wait, 2.0) * self._random.uniform(0.5, 1.5))

    def close(self):
        for caller in self._callers:
            caller.close()


def is_code(error, name):
    return error.code == getattr(grpc.StatusCode, name)
