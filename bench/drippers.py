"""Slow clients that occupy a server's connections: silent, or sending one byte of a head or body each second."""

import selectors
import socket
import threading
import time
from collections import Counter

_HEAD = b"POST /predict HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
_BEGINNINGS = (b"", _HEAD + b"X-Slow: ", _HEAD + b"Content-Length: 400\r\n\r\n{")
_BETWEEN_BYTES_S = 1.0


class Drippers:
    """A context in which `count` slow clients are connected, driven by a thread of their own.

    A client that is disconnected connects again. `fates` counts the ends of connections by the status of the answer,
    0 for no answer.
    """

    def __init__(self, port: int, count: int) -> None:
        self.fates: Counter[int] = Counter()
        self.opened = 0
        self._port, self._count = port, count
        self._stop = threading.Event()

    def __enter__(self) -> "Drippers":
        self._selector = selectors.DefaultSelector()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(30)
        for key in [*self._selector.get_map().values()]:
            key.fileobj.close()  # type: ignore[union-attr]
        self._selector.close()

    def _run(self) -> None:
        next_byte = time.monotonic()
        while not self._stop.is_set():
            while len(self._selector.get_map()) < self._count and self._open():
                pass
            for key, _ in self._selector.select(0.1):
                self._receive(key.fileobj)  # type: ignore[arg-type]
            if time.monotonic() >= next_byte:
                next_byte += _BETWEEN_BYTES_S
                self._drip()

    def _open(self) -> bool:
        """Connects another client. True if that succeeds."""
        beginning = _BEGINNINGS[self.opened % len(_BEGINNINGS)]
        try:
            client = socket.create_connection(("127.0.0.1", self._port), timeout=5)
        except OSError:  # refused; the next turn tries again
            return False
        client.send(beginning)  # does not block: the send buffer of a new connection is empty
        self.opened += 1
        client.setblocking(False)
        self._selector.register(client, selectors.EVENT_READ, beginning)
        return True

    def _drip(self) -> None:
        for key in [*self._selector.get_map().values()]:
            try:
                if key.data:  # silent clients stay silent
                    key.fileobj.send(b" ")  # type: ignore[union-attr]
            except BlockingIOError:
                pass
            except OSError:
                self._end(key.fileobj, 0)  # type: ignore[arg-type]

    def _receive(self, client: socket.socket) -> None:
        try:
            answer = client.recv(65536)
        except OSError:
            answer = b""
        self._end(client, int(answer.split()[1]) if answer.startswith(b"HTTP/1.1 ") else 0)

    def _end(self, client: socket.socket, status: int) -> None:
        self.fates[status] += 1
        self._selector.unregister(client)
        client.close()
