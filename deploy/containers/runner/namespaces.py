"""Mounts, processes and a loopback of our own: whatever becomes of the run, the kernel takes all of it away
with the last process, and no port of this machine is in the way."""

import os
import pathlib
import signal
import socket
import subprocess
import sys


# Of the namespace beside its loopback, as an engine's bridge gives one: from there is outside. (RFC 5737)
OUTSIDE = "192.0.2.1"


def enter(arguments: list[str], network: bool) -> int:
    """Runs this program again, with `arguments`, as the first process of new namespaces; its exit code.
    Without `network` it has a loopback alone."""
    # Killed with us, and with it every process of the namespace.
    child = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", "unshare", "--mount", "--propagation",
                              "private", "--pid", "--fork", "--kill-child", "--mount-proc",
                              *([] if network else ["--net"]), sys.executable, *arguments])

    def pass_on(number, _frame):
        children = pathlib.Path(f"/proc/{child.pid}/task/{child.pid}/children").read_text().split()
        for inside in children:
            os.kill(int(inside), number)

    _on_signals(pass_on)
    return child.wait()


def prepare(network: bool) -> None:
    """In the new namespaces: loopback, and an end by signal that is an ordinary one."""
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    if not network:
        subprocess.run(["ip", "address", "add", f"{OUTSIDE}/32", "dev", "lo"], check=True)

    def end(number, _frame):
        raise SystemExit(128 + number)

    _on_signals(end)


def listening_ports() -> set[int]:
    """TCP ports of this namespace on which somebody listens, on whatever address."""
    ports = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in pathlib.Path(table).read_text(encoding="ascii").splitlines()[1:]:
            _, local, _, state = line.split()[:4]
            if state == "0A":
                ports.add(int(local.rpartition(":")[2], 16))
    return ports


def can_be_reached(port: int) -> bool:
    """From outside."""
    try:
        socket.create_connection((OUTSIDE, port), timeout=2).close()
    except OSError:
        return False
    return True


def ignore_signals() -> None:
    """For what has to be done before the end."""
    _on_signals(signal.SIG_IGN)


def _on_signals(handler) -> None:
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, handler)
