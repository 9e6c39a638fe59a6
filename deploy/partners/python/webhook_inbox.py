"""A partner's machine that is told of referrals by webhook, fetches each case, accepts it and closes it.

  tests/clients/prepare python   # Debian's python3-grpcio; writes stubs, in build/clients/python
  export VEILLE_LANDLORD=<id> VEILLE_PARTNER=<id>   # see `veillectl partner list`; security.py
  export VEILLE_WEBHOOK_KEY_FILE=<file>             # holds the key that the registration showed
  /usr/bin/python3 -u build/clients/python/webhook_inbox.py 127.0.0.1:7007

It is told at https://127.0.0.1:7007/veille and serves with VEILLE_TLS_CERTIFICATE and VEILLE_TLS_KEY.
Prints a line per event, with ids only, and `SERVING <address>` when nothing is left of what was told
before. Ends at Ctrl-C."""
import base64
import hashlib
import hmac
import json
import os
import signal
import ssl
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from desk import told, work_for_ever

MOST_BYTES = 100_000
TOLERANCE = 5 * 60  # seconds


def verified(key: bytes, headers, body: bytes) -> bool:
    """What standardwebhooks.Webhook(key).verify(body, headers) does, without a package."""
    message, sent = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not sent.isascii() or not sent.isdigit() or abs(time.time() - int(sent)) > TOLERANCE:
        return False
    tag = hmac.new(key, f"{message}.{sent}.".encode() + body, hashlib.sha256).digest()
    expected = b"v1," + base64.b64encode(tag)
    # Two while the key is replaced.
    signatures = headers.get("webhook-signature", "").encode().split(b" ")
    return any(hmac.compare_digest(expected, signature) for signature in signatures)


class Inbox(BaseHTTPRequestHandler):
    key = b""
    timeout = 10  # of a connection that says nothing

    def do_POST(self):
        length = self.headers.get("content-length", "")
        if self.path != "/veille" or not length.isdigit() or int(length) > MOST_BYTES:
            return self.answer(404)
        body = self.rfile.read(int(length))
        if not verified(self.key, self.headers, body):
            return self.answer(401)
        # A notice may come twice or late. It only wakes the work, so that this does no harm.
        data = json.loads(body)["data"]
        print("received", data["referralId"])
        told.set()
        # Our own number for it, the same each time. Any 2xx is the receipt: no notice follows.
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

    def __init__(self, address, tls):
        super().__init__(address, Inbox)
        self.tls = tls

    def finish_request(self, request, client_address):  # on a thread of its own: handshakes wait
        request.settimeout(Inbox.timeout)
        super().finish_request(self.tls.wrap_socket(request, server_side=True), client_address)

    def handle_error(self, *_):  # who hangs up, or speaks no TLS
        pass


def main(address):
    text = Path(os.environ["VEILLE_WEBHOOK_KEY_FILE"]).read_text(encoding="ascii").strip()
    Inbox.key = base64.b64decode(text.removeprefix("whsec_"), validate=True)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(os.environ["VEILLE_TLS_CERTIFICATE"], os.environ["VEILLE_TLS_KEY"])
    host, port = address.split(":")
    server = Server((host, int(port)), tls)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    work_for_ever(address)


if __name__ == "__main__":
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: sys.exit(0))
    main(sys.argv[1])
