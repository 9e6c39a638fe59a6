"""What every client of Veille needs: deadlines, typed errors, retries."""

import time
import uuid

import grpc
from google.rpc import error_details_pb2, status_pb2
from security import open_channel

DEADLINE_SECONDS = 10
# Nobody answered, or not in time. What was sent may have been done; sent again with its request_id
# it is not done twice.
NO_ANSWER = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED)


def new_id() -> str:
    """A request_id: one per intention, the same in its retries, so that nothing is done twice."""
    return str(uuid.uuid4())


class Failure(Exception):
    """An error as Veille tells it: `reason` is for programs (veille/common/v1/errors.proto has them
    all), the message for people; retry_seconds is None unless waiting helps."""

    def __init__(self, method: str, error: grpc.RpcError):
        info, bad, retry = _details(error)
        self.reason = info.reason if info else error.code().name
        self.retry_seconds = None
        if retry:
            self.retry_seconds = retry.retry_delay.ToNanoseconds() / 1e9
        elif error.code() in NO_ANSWER:
            self.retry_seconds = 1
        lines = [f"{method}: {self.reason}: {error.details()}"]
        lines += [f"  {v.field}: {v.description}" for v in (bad.field_violations if bad else ())]
        super().__init__("\n".join(lines))


def _details(error: grpc.RpcError):
    """ErrorInfo, BadRequest and RetryInfo of google.rpc.Status.details; None for what it lacks."""
    trailers = dict(error.trailing_metadata() or ())
    status = status_pb2.Status.FromString(trailers.get("grpc-status-details-bin", b""))

    def find(kind):
        for detail in status.details:
            message = kind()
            if detail.Unpack(message):
                return message
        return None

    return (find(error_details_pb2.ErrorInfo), find(error_details_pb2.BadRequest),
            find(error_details_pb2.RetryInfo))


class Connection:
    """One caller's calls of one service, such as call_service_pb2_grpc.CallServiceStub."""

    def __init__(self, stub_class, address: str, **identity: str):
        channel, self._metadata = open_channel(address, identity)
        self._stub = stub_class(channel)

    def call(self, method: str, request):
        """The response; waits and asks again as long as that can help."""
        while True:
            try:
                return getattr(self._stub, method)(
                    request, timeout=DEADLINE_SECONDS, metadata=self._metadata)
            except grpc.RpcError as error:
                failure = Failure(method, error)
                if failure.retry_seconds is None:
                    raise failure from None
                print(f"{failure}; again in {failure.retry_seconds:g} s")
                time.sleep(failure.retry_seconds)
