"""Calls of the services by their contract: the messages are generated once, the methods are named.

    calls = Caller(address, role="volunteer", subject="v1", landlord=landlord)
    answer = calls.call("calls.v1.CallService/LeaseNextCall", request_id=…, campaign_id=…)

An answer is a response message or an Error: `known` tells whether the services said no, or whether
nobody knows if it was done.
"""
import glob
import os
import subprocess
import sys

import grpc

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
STUBS = os.path.join(ROOT, "build", "tests", "faults", "proto")

# Nobody says whether it was done. The rest are answers of a service that did nothing.
UNKNOWN = {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.CANCELLED,
           grpc.StatusCode.UNKNOWN, grpc.StatusCode.INTERNAL, grpc.StatusCode.DATA_LOSS}


def generate():
    """Writes the messages where Python finds them; again only when the contract is newer."""
    protos = glob.glob(os.path.join(ROOT, "proto", "**", "*.proto"), recursive=True)
    stamp = os.path.join(STUBS, ".generated")
    newest = max(os.path.getmtime(path) for path in protos)
    if not os.path.exists(stamp) or os.path.getmtime(stamp) < newest:
        os.makedirs(STUBS, exist_ok=True)
        subprocess.run(["protoc", "-I", os.path.join(ROOT, "proto"), f"--python_out={STUBS}", *protos],
                       check=True)
        open(stamp, "w").close()
    if STUBS not in sys.path:
        sys.path.insert(0, STUBS)


class Error(Exception):
    def __init__(self, code, reason, retry_seconds):
        super().__init__(f"{code.name} {reason}")
        self.code, self.reason, self.retry_seconds = code, reason, retry_seconds

    @property
    def known(self):
        return self.code not in UNKNOWN

    @property
    def told_to_wait(self):
        return self.code == grpc.StatusCode.RESOURCE_EXHAUSTED


def _error(failure):
    from google.rpc import error_details_pb2, status_pb2
    reason, retry = "", None
    trailers = dict(failure.trailing_metadata() or ())
    for detail in status_pb2.Status.FromString(trailers.get("grpc-status-details-bin", b"")).details:
        info, wait = error_details_pb2.ErrorInfo(), error_details_pb2.RetryInfo()
        if detail.Unpack(info):
            reason = info.reason
        elif detail.Unpack(wait):
            retry = wait.retry_delay.ToNanoseconds() / 1e9
    return Error(failure.code(), reason, retry)


def _types(method):
    from google.protobuf import symbol_database
    symbols = symbol_database.Default()
    service, name = method.split("/")
    package = service.rsplit(".", 1)[0]
    return (symbols.GetSymbol(f"veille.{package}.{name}Request"),
            symbols.GetSymbol(f"veille.{package}.{name}Response"))


class Caller:
    """One identity at one address. Thread-safe."""

    def __init__(self, address, seconds=4.0, **identity):
        # A connection that broke is tried again soon: services come back within a second or two.
        self._channel = grpc.insecure_channel(address, options=[
            ("grpc.use_local_subchannel_pool", 1), ("grpc.initial_reconnect_backoff_ms", 100),
            ("grpc.min_reconnect_backoff_ms", 100), ("grpc.max_reconnect_backoff_ms", 500)])
        self._metadata = [(f"veille-{key}", value) for key, value in identity.items()]
        self._seconds = seconds

    def message(self, method, **fields):
        return _types(method)[0](**fields)

    def call(self, method, request=None, **fields):
        """The response; raises Error."""
        asked, answered = _types(method)
        stub = self._channel.unary_unary(f"/veille.{method}",
                                         request_serializer=asked.SerializeToString,
                                         response_deserializer=answered.FromString)
        try:
            return stub(request if request is not None else asked(**fields), timeout=self._seconds,
                        metadata=self._metadata)
        except grpc.RpcError as failure:
            raise _error(failure) from None

    def stream(self, method, requests, seconds=60.0):
        """Sends all, and gives what comes back."""
        asked, answered = _types(method)
        stub = self._channel.stream_stream(f"/veille.{method}",
                                           request_serializer=asked.SerializeToString,
                                           response_deserializer=answered.FromString)
        try:
            return list(stub(iter(requests), timeout=seconds, metadata=self._metadata))
        except grpc.RpcError as failure:
            raise _error(failure) from None

    def close(self):
        self._channel.close()


def import_contract():
    """Registers every message; `_types` finds them afterwards."""
    import importlib
    for path in sorted(glob.glob(os.path.join(STUBS, "veille", "**", "*_pb2.py"), recursive=True)):
        importlib.import_module(os.path.relpath(path, STUBS)[:-3].replace(os.sep, "."))
