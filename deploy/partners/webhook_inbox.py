#!/usr/bin/python3
"""A partner's machine that is told by webhook: Python's standard library, and veillectl for the desk.

  deploy/partners/webhook_inbox.py --listen 127.0.0.1:7005 --key-file webhook.key --certificate tls.pem \\
    --private-key tls.key --log partner.events -- build/release/bin/veillectl --tls-authority … --partner …

It is told at https://127.0.0.1:7005/veille, and accepts each case with `veillectl … desk accept`. It
prints `SERVING <address>`; the log has a JSON line per event, with ids only. Started again with its log
it goes on where it was. Ends at SIGTERM and Ctrl-C."""
import argparse
import base64
import hashlib
import hmac
import json
import queue
import signal
import ssl
import subprocess
import sys
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

MOST_BYTES = 100_000
TOLERANCE = 5 * 60  # seconds
ACTS = uuid.UUID("6f1b5a52-5b0e-4a4e-9d5e-0c1f7a1c7d01")  # what request ids are made of


def verified(key, headers, body):
    """What the published libraries of Standard Webhooks do, without a package."""
    message, sent = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not sent.isascii() or not sent.isdigit() or abs(time.time() - int(sent)) > TOLERANCE:
        return False
    tag = hmac.new(key, f"{message}.{sent}.".encode() + body, hashlib.sha256).digest()
    expected = b"v1," + base64.b64encode(tag)
    # Two while the key is replaced.
    signatures = headers.get("webhook-signature", "").encode().split(b" ")
    return any(hmac.compare_digest(expected, signature) for signature in signatures)


class Log:
    """What happened, line by line; what is in it when it is opened has happened."""

    def __init__(self, path):
        self.lock, self.told = threading.Lock(), set()
        if path.exists():
            for line in path.read_text(encoding="utf-8").splitlines():
                event = json.loads(line)
                self.told.add((event["event"], event["referral_id"], event["assignment_fence"]))
        self.file = path.open("a", encoding="utf-8", buffering=1)

    def add(self, event, case):
        with self.lock:
            self.told.add((event, *case))
            line = {"event": event, "referral_id": case[0], "assignment_fence": case[1]}
            self.file.write(json.dumps(line) + "\n")

    def has(self, event, case):
        with self.lock:
            return (event, *case) in self.told

    def left(self):
        with self.lock:
            return [case for event, *case in self.told
                    if event == "received" and ("accepted", *case) not in self.told]


class Desk(threading.Thread):
    """Accepts what it is given, one after the other; what did not succeed comes again."""

    def __init__(self, veillectl, log):
        super().__init__(daemon=True)
        self.veillectl, self.log, self.waiting = veillectl, log, queue.Queue()
        for case in log.left():
            self.waiting.put((tuple(case), False))

    def run(self):
        while True:
            case, is_test = self.waiting.get()
            if self.log.has("accepted", case):
                continue
            # The same act has the same id: once is enough, however often it is tried.
            request = str(uuid.uuid5(ACTS, f"accept:{case[0]}:{case[1]}"))
            done = subprocess.run([*self.veillectl, "desk", "accept", case[0], "--request-id", request],
                                  stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
            if done.returncode == 0:
                if not is_test:
                    self.log.add("accepted", case)
            elif done.returncode == 3 or b"Try again" in done.stderr:
                time.sleep(0.5)
                self.waiting.put((case, is_test))
            else:  # somebody else has it by now
                self.log.add("left", case)


class Inbox(BaseHTTPRequestHandler):
    timeout = 10  # of a connection that says nothing

    def do_POST(self):
        length = self.headers.get("content-length", "")
        if self.path != "/veille" or not length.isdigit() or int(length) > MOST_BYTES:
            return self.answer(404)
        body = self.rfile.read(int(length))
        if not verified(self.server.key, self.headers, body):
            return self.answer(401)
        if self.server.silent:
            return time.sleep(3600)
        data = json.loads(body)["data"]
        case = (data["referralId"], int(data["assignmentFence"]))
        if data.get("withdrawn"):
            self.server.log.add("withdrawn", case)
        else:  # first written down, then acknowledged, then worked on
            if not data.get("test"):
                self.server.log.add("received", case)
            self.server.desk.waiting.put((case, bool(data.get("test"))))
        return self.answer(200, {"receiptNumber": f"sample-{data['deliveryId'][:8]}"})

    def answer(self, status, content=None):
        text = json.dumps(content or {}).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):  # requests are not logged
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, options, tls):
        host, port = options.listen.split(":")
        super().__init__((host, int(port)), Inbox)
        text = options.key_file.read_text(encoding="ascii").strip()
        self.key = base64.b64decode(text.removeprefix("whsec_"), validate=True)
        self.tls, self.silent, self.log = tls, options.silent, Log(options.log)
        self.desk = Desk(options.veillectl, self.log)

    def finish_request(self, request, client_address):  # on a thread of its own: handshakes wait
        request.settimeout(Inbox.timeout)
        super().finish_request(self.tls.wrap_socket(request, server_side=True), client_address)

    def handle_error(self, *_):  # who hangs up, or speaks no TLS
        pass


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--listen", required=True, metavar="ADDRESS")
    parser.add_argument("--key-file", required=True, type=Path, help="the key of its webhooks: whsec_…")
    parser.add_argument("--certificate", required=True)
    parser.add_argument("--private-key", required=True)
    parser.add_argument("--log", required=True, type=Path)
    parser.add_argument("--silent", action="store_true", help="never answer, as a machine that hangs")
    parser.add_argument("veillectl", nargs="+", help="veillectl and its options, as this partner")
    options = parser.parse_args()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: sys.exit(0))
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(options.certificate, options.private_key)
    server = Server(options, tls)
    server.desk.start()
    print("SERVING", options.listen, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
