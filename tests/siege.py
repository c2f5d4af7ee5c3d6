"""Thousands of clients that hold a service up: `python -m tests.siege PORT N KIND... [--seed SEED]`.

With `--addresses N` they come from N addresses of this machine, in turn: 127.0.1.1 and the next ones.
It is its own process with one thread. A client that is cut off comes back after a while. At its end the process
prints how many clients of each kind were cut off.
"""

import argparse
import contextlib
import heapq
import random
import resource
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from itertools import count, cycle

from tests.customers import PROJECT

HEAD = b"POST /predict HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
KINDS = {  # the bytes sent at once, and the bytes that follow one at a time
    "silent": (b"", b""),
    "dripping head": (b"PO", b"ST /predict HTTP/1.1\r\n" + b"X-A: b\r\n" * 1_000),
    "dripping body": (HEAD + b"Content-Length: 200000\r\n\r\n", b" " * 1_000),
    "slow reading": (b"GET /docs/swagger-ui-bundle.js HTTP/1.1\r\nHost: a\r\n\r\n", b""),
    "half-closed": (HEAD + b"Content-Length: 300\r\n\r\n{", b""),
}
DRIP_S = 3.5


class Siege:
    """Holds a port under siege by `clients` clients of these kinds, in turn, while the block runs."""

    def __init__(
        self, port: int, clients: int, kinds: Sequence[str] = tuple(KINDS), *, seed: int = 0, addresses: int = 1
    ) -> None:
        self._command = [sys.executable, "-m", "tests.siege", str(port), str(clients), *kinds]
        self._command += ["--seed", str(seed), "--addresses", str(addresses)]

    def __enter__(self) -> "Siege":
        self._process = subprocess.Popen(self._command, cwd=PROJECT, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout.readline() == "all are there\n"
        return self

    def __exit__(self, *_: object) -> None:
        self._process.send_signal(signal.SIGTERM)
        self.cut_off = self._process.communicate(timeout=20)[0].strip()


class Besiegers:
    """The clients, in one thread."""

    def __init__(self, port: int, seed: int, addresses: int) -> None:
        self._port = port
        self._addresses = cycle(f"127.0.1.{number}" for number in range(1, addresses + 1))
        self._random = random.Random(seed)
        self._poller = selectors.DefaultSelector()
        self._due: list[tuple[float, int, socket.socket | None, str, bytes]] = []
        self._numbers = count()
        self.cut_off: Counter[str] = Counter()

    def begin(self, kind: str) -> None:
        """Connect one client, which sends the first bytes of its kind at once."""
        client = socket.socket()
        if kind == "slow reading":
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2_048)
        client.bind((next(self._addresses), 0))
        client.settimeout(20)
        client.connect(("127.0.0.1", self._port))
        client.settimeout(0)
        at_once, rest = KINDS[kind]
        with contextlib.suppress(OSError):
            client.send(at_once)
            if kind == "half-closed":
                client.shutdown(socket.SHUT_WR)
        if kind == "slow reading":
            self._later(DRIP_S, client, kind, b"")
        else:
            self._poller.register(client, selectors.EVENT_READ, kind)
            if rest:
                self._later(self._random.uniform(0, DRIP_S), client, kind, rest)

    def run(self) -> None:
        """Send one byte after another until the process is ended."""
        while True:
            left = self._due[0][0] - time.monotonic() if self._due else 1.0
            for key, _ in self._poller.select(max(0, min(left, 1.0))):
                self._read(key.fileobj, key.data)
            while self._due and self._due[0][0] <= time.monotonic():
                _, _, client, kind, rest = heapq.heappop(self._due)
                self._go_on(client, kind, rest)

    def _later(self, seconds: float, client: socket.socket | None, kind: str, rest: bytes) -> None:
        heapq.heappush(self._due, (time.monotonic() + seconds, next(self._numbers), client, kind, rest))

    def _go_on(self, client: socket.socket | None, kind: str, rest: bytes) -> None:
        if client is None:
            self.begin(kind)
        elif client.fileno() >= 0:
            try:
                if kind == "slow reading":
                    if not client.recv(1):
                        raise ConnectionResetError
                else:
                    client.send(rest[:1])
            except BlockingIOError:
                pass
            except OSError:
                self._end(client, kind)
                return
            self._later(DRIP_S, client, kind, rest[1:] or rest)

    def _read(self, client: socket.socket, kind: str) -> None:
        try:
            received = client.recv(65_536)
        except BlockingIOError:
            return
        except OSError:
            received = b""
        if not received:
            self._poller.unregister(client)
            self._end(client, kind)

    def _end(self, client: socket.socket, kind: str) -> None:
        client.close()
        self.cut_off[kind] += 1
        self._later(self._random.uniform(3.0, 9.0), None, kind, b"")


def main() -> None:
    """Connect all clients, report that, and go on until the process is ended."""
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("clients", type=int)
    parser.add_argument("kinds", nargs="+")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--addresses", type=int, default=1)
    asked = parser.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    besiegers = Besiegers(asked.port, asked.seed, asked.addresses)

    def end(*_: object) -> None:
        print(dict(besiegers.cut_off), flush=True)
        sys.exit(0)

    signal.signal(signal.SIGTERM, end)
    for number in range(asked.clients):
        besiegers.begin(asked.kinds[number % len(asked.kinds)])
    print("all are there", flush=True)
    besiegers.run()


if __name__ == "__main__":
    main()
