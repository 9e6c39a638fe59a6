"""The network between two parties, which can be made bad.

A process of its own. Reads one JSON object a line from standard input:

    {"listen": "db:calls-1", "to": "unix:/tmp/…/.s.PGSQL.5432"}     → {"listen": …, "port": 20001}
    {"link": "db:calls-1", "kind": "delay", "seconds": 0.2}         → nothing

kinds: clean; delay (each piece waits `seconds`); loss (each piece is lost with probability `share`
and comes by being sent again, a second later); cut (the connection ends after `bytes`); halfopen
(nothing comes through, and nobody is told); slow (`bytes` a second). What stood half open is ended
once the link is clean again, as its bytes are gone. `reset` ends all connections of a link.
"""
import asyncio
import json
import os
import random
import socket
import struct
import sys

RESET = struct.pack("ii", 1, 0)


class Link:
    def __init__(self, name, target, seed):
        self.name, self.target = name, target
        self.mode = {"kind": "clean"}
        self.random = random.Random(f"{seed}/{name}")
        self.connections = set()

    def become(self, mode):
        self.mode = mode
        for connection in list(self.connections):
            if mode["kind"] == "reset" or connection.spoiled:
                connection.end()
            elif mode["kind"] == "cut":
                connection.allowed = self.random.randint(0, mode["bytes"])
        if mode["kind"] == "reset":
            self.mode = {"kind": "clean"}

    async def serve(self, reader, writer):
        connection = Connection(self, writer)
        self.connections.add(connection)
        try:
            if self.target.startswith("unix:"):
                there = await asyncio.open_unix_connection(self.target[5:])
            else:
                host, port = self.target.rsplit(":", 1)
                there = await asyncio.open_connection(host, int(port))
            connection.other = there[1]
            await asyncio.gather(connection.carry(reader, there[1]), connection.carry(there[0], writer))
        except OSError:
            pass
        finally:
            connection.end()
            self.connections.discard(connection)


class Connection:
    def __init__(self, link, writer):
        self.link, self.writer, self.other = link, writer, None
        self.spoiled, self.allowed = False, None
        if link.mode["kind"] == "cut":
            self.allowed = link.random.randint(0, link.mode["bytes"])

    def end(self):
        for writer in (self.writer, self.other):
            if writer is not None and not writer.transport.is_closing():
                # A reset: the other side is told at once.
                writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                writer.transport.abort()

    async def carry(self, reader, writer):
        while True:
            piece = await reader.read(65536)
            mode = self.link.mode
            kind = mode["kind"]
            if kind == "halfopen":
                self.spoiled = True  # an end of one side is not told to the other either
                if not piece:
                    return
                continue
            if not piece:
                if writer.can_write_eof():
                    writer.write_eof()
                return
            if kind == "delay":
                await asyncio.sleep(mode["seconds"] * self.link.random.uniform(0.5, 1.5))
            elif kind == "loss" and self.link.random.random() < mode["share"]:
                await asyncio.sleep(self.link.random.uniform(0.2, 1.0))
            elif kind == "slow":
                await asyncio.sleep(len(piece) / mode["bytes"])
            elif kind == "cut" and self.allowed is not None:
                self.allowed -= len(piece)
                if self.allowed < 0:
                    writer.write(piece[:max(0, len(piece) + self.allowed)])
                    await asyncio.sleep(0)
                    self.end()
                    return
            if self.spoiled:
                return self.end()
            writer.write(piece)
            await writer.drain()


async def main(seed):
    links = {}
    loop = asyncio.get_running_loop()
    commands = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(commands), sys.stdin)
    while line := await commands.readline():
        order = json.loads(line)
        if "listen" in order:
            link = links[order["listen"]] = Link(order["listen"], order["to"], seed)
            server = await asyncio.start_server(link.serve, "127.0.0.1", 0)
            port = server.sockets[0].getsockname()[1]
            print(json.dumps({"listen": link.name, "port": port}), flush=True)
        else:
            links[order.pop("link")].become(order)
    os._exit(0)  # connections that hang end with it


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1] if len(sys.argv) > 1 else "0"))
