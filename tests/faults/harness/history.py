"""What was asked and what was answered, in the order in which it happened: one JSON object a line,
ids only. The people in it are made up.

    with history.operation("v3", "record", lease=…) as operation:
        operation.ok(attempt=…)

An operation that is neither ok nor refused is unknown: it may have been done, or may be done yet.
"""
import itertools
import json
import threading
import time


class Operation:
    def __init__(self, history, number, who, what):
        self._history, self.number, self._who, self._what = history, number, who, what
        self._ended = False

    def ok(self, **facts):
        self._end("ok", facts)

    def fail(self, **facts):
        self._end("fail", facts)

    def unknown(self, **facts):
        self._end("unknown", facts)

    def _end(self, how, facts):
        self._ended = True
        self._history.add(how, self._who, self._what, op=self.number, **facts)

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if not self._ended:
            self.unknown(why=kind.__name__ if kind else "")
        return False


class History:
    def __init__(self, path):
        self._file = open(path, "w", buffering=1)
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self.counts = {}

    def add(self, event, who, what, **facts):
        with self._lock:
            self.counts[event] = self.counts.get(event, 0) + 1
            self._file.write(json.dumps({"t": time.time(), "ev": event, "who": who, "do": what, **facts})
                             + "\n")

    def operation(self, who, what, **facts):
        number = next(self._numbers)
        self.add("invoke", who, what, op=number, **facts)
        return Operation(self, number, who, what)

    def close(self):
        with self._lock:
            self._file.close()


def read(path):
    with open(path) as lines:
        return [json.loads(line) for line in lines]
