"""The fault proxy does to a connection what it is told to."""
import socket
import threading
import time
import unittest

from world import Network


class Echo:
    """Sends back what comes."""

    def __init__(self):
        self._server = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._server.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            threading.Thread(target=self._echo, args=(connection,), daemon=True).start()

    @staticmethod
    def _echo(connection):
        try:
            while piece := connection.recv(65536):
                connection.sendall(piece)
        except OSError:
            pass
        connection.close()

    def close(self):
        self._server.close()


class ProxyTest(unittest.TestCase):
    def setUp(self):
        self.echo = Echo()
        self.addCleanup(self.echo.close)
        self.network = Network(seed=1)
        self.addCleanup(self.network.close)
        self.port = self.network.link("link", self.echo.address)

    def connect(self):
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=10)
        self.addCleanup(connection.close)
        return connection

    def become(self, **mode):
        self.network.become("link", **mode)
        # The order is carried out once another one has been answered.
        self.network.link(f"after {mode}", self.echo.address)

    def back(self, connection, text):
        connection.sendall(text)
        came = b""
        while len(came) < len(text):
            piece = connection.recv(65536)
            if not piece:
                return came
            came += piece
        return came

    def test_clean(self):
        self.assertEqual(self.back(self.connect(), b"x" * 100000), b"x" * 100000)

    def test_delay(self):
        connection = self.connect()
        self.become(kind="delay", seconds=0.2)
        begin = time.monotonic()
        self.assertEqual(self.back(connection, b"hello"), b"hello")
        self.assertGreaterEqual(time.monotonic() - begin, 0.2)  # there and back, 0.1 each at least

    def test_loss_is_made_good_later(self):
        connection = self.connect()
        self.become(kind="loss", share=1.0)
        begin = time.monotonic()
        self.assertEqual(self.back(connection, b"hello"), b"hello")
        self.assertGreaterEqual(time.monotonic() - begin, 0.4)

    def test_slow(self):
        connection = self.connect()
        self.become(kind="slow", bytes=1000)
        begin = time.monotonic()
        self.assertEqual(self.back(connection, b"x" * 200), b"x" * 200)
        self.assertGreaterEqual(time.monotonic() - begin, 0.4)

    def test_cut_after_some_bytes(self):
        connection = self.connect()
        self.back(connection, b"hello")
        self.become(kind="cut", bytes=100)
        try:
            came = self.back(connection, b"x" * 5000)
        except ConnectionError:
            came = b""
        self.assertLess(len(came), 101)

    def test_half_open_swallows_and_ends_once_clean(self):
        connection = self.connect()
        self.back(connection, b"hello")
        self.become(kind="halfopen")
        connection.sendall(b"lost")
        connection.settimeout(0.3)
        with self.assertRaises(TimeoutError):
            connection.recv(1)
        connection.settimeout(10)
        self.become(kind="clean")
        with self.assertRaises(ConnectionError):
            connection.recv(1)
        self.assertEqual(self.back(self.connect(), b"again"), b"again")

    def test_reset_ends_what_is_there_and_nothing_else(self):
        connection = self.connect()
        self.back(connection, b"hello")
        self.become(kind="reset")
        with self.assertRaises(ConnectionError):
            connection.recv(1)
        self.assertEqual(self.back(self.connect(), b"again"), b"again")


if __name__ == "__main__":
    unittest.main()
