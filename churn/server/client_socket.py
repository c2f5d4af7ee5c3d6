"""A client's connection as a thread sees it: reading has one deadline for a whole request, and sending never waits.

What a client does not take at once is kept in `unsent`; the main thread sends it when there is room.
"""

import contextlib
import math
import select
import socket
import time
from collections import deque
from collections.abc import Callable
from typing import IO, TypeVar

SLOWEST_BYTES_PER_S = 16 * 1024
"""How slowly a request's body may come, and an answer be taken, beyond a grace of 10 s."""
HURRIED_BYTES_PER_S = 256 * 1024
"""How slowly the rest of a body may come while another client waits for it, beyond a grace of 5 s."""
_HURRIED_GRACE_S = 5.0
_LONGEST_SLEEP_S = 0.5  # before another look at the deadline, which another thread may have brought forward

_Wanted = TypeVar("_Wanted")
_Received = TypeVar("_Received")


class ClientSocket:
    """A connected socket, with those methods of one that gunicorn uses. Its `connection` never blocks.

    `deadline`, as time.monotonic counts, ends all waiting in `recv`; with `grows` it moves on as bytes come, by a
    second for `slowest_bytes_per_s`. `is_late`: it has passed while something was waited for. `has_sent`: something
    was sent.
    """

    def __init__(self, connection: socket.socket) -> None:
        connection.setblocking(False)
        self.connection = connection
        self.deadline = math.inf
        self.slowest_bytes_per_s = SLOWEST_BYTES_PER_S
        self.grows = self.is_late = self.has_sent = self._has_ended = False
        self.unsent: deque[memoryview] = deque()
        self._patience_s: float | None = None

    @property
    def n_unsent(self) -> int:
        """How many bytes the client has not taken yet."""
        return sum(len(part) for part in self.unsent)

    def fileno(self) -> int:
        """The connection's file descriptor."""
        return self.connection.fileno()

    def recv(self, size: int) -> bytes:
        """The next bytes, waited for. Raises TimeoutError at the deadline, or past the patience of settimeout."""
        received = self._receive(self.connection.recv, size)
        self._has_come(len(received))
        return received

    def fill(self, buffer: memoryview) -> int:
        """Reads into a buffer until it is full or no more comes: how many bytes have come. Raises as recv does."""
        filled = 0
        while filled < len(buffer):
            received = self._receive(self.connection.recv_into, buffer[filled:])
            self._has_come(received)
            if not received:
                break
            filled += received
        return filled

    def _receive(self, receive: Callable[[_Wanted], _Received], wanted: _Wanted) -> _Received:
        patient_until = math.inf if self._patience_s is None else time.monotonic() + self._patience_s
        while True:
            try:
                received = receive(wanted)
            except BlockingIOError:
                deadline = self.deadline
                left_s = min(deadline, patient_until) - time.monotonic()
                if left_s <= 0:
                    self.is_late = deadline <= patient_until
                    raise TimeoutError from None
                _wait_for_bytes(self.connection, min(left_s, _LONGEST_SLEEP_S))
                continue
            if self._has_ended and not received:
                self.is_late = True
                raise TimeoutError
            return received

    def end_waiting(self) -> None:
        """Makes whoever waits for bytes, in another thread, fail as at the deadline; what has come is still read."""
        self._has_ended = True
        with contextlib.suppress(OSError):  # the client is gone
            self.connection.shutdown(socket.SHUT_RD)  # wakes it up

    def hurry(self) -> None:
        """Lets the rest of a body come no slower than HURRIED_BYTES_PER_S; called from another thread."""
        self.deadline = min(self.deadline, time.monotonic() + _HURRIED_GRACE_S)
        self.grows, self.slowest_bytes_per_s = True, HURRIED_BYTES_PER_S

    def _has_come(self, size: int) -> None:
        if self.grows:
            self.deadline += size / self.slowest_bytes_per_s

    def sendall(self, data: bytes | memoryview) -> None:
        """Sends what the client takes at once; the rest is `unsent`. Raises OSError when the client is gone."""
        self.has_sent = True
        part = memoryview(data)
        if not self.unsent:
            part = part[send_now(self.connection, part) :]
        if part:
            self.unsent.append(part)

    def send(self, data: bytes) -> int:
        """As sendall; how many bytes it was given."""
        self.sendall(data)
        return len(data)

    def sendfile(self, file: IO[bytes], offset: int = 0, count: int | None = None) -> int:
        """As sendall, with `count` bytes of a file from `offset` on."""
        file.seek(offset)
        return self.send(file.read(-1 if count is None else count))

    def send_rest(self) -> bool:
        """Sends as much as the client takes; True when it took any. Raises OSError when it is gone."""
        progress = False
        while self.unsent:
            part = self.unsent[0]
            sent = send_now(self.connection, part)
            progress = progress or sent > 0
            if sent < len(part):
                self.unsent[0] = part[sent:]
                break
            self.unsent.popleft()
        return progress

    def settimeout(self, patience_s: float | None) -> None:
        """Bounds each further `recv`; None leaves it to the deadline alone."""
        self._patience_s = patience_s

    def gettimeout(self) -> float | None:
        """What was set by settimeout."""
        return self._patience_s

    def setblocking(self, flag: bool) -> None:
        """Does nothing: `recv` waits in any case, and sending never does."""

    def shutdown(self, how: int) -> None:
        """As a socket's."""
        self.connection.shutdown(how)

    def close(self) -> None:
        """As a socket's."""
        self.unsent.clear()
        self.connection.close()


def send_now(connection: socket.socket, data: bytes | memoryview) -> int:
    """How many of these bytes a connection has taken, without waiting. Raises OSError when it is broken."""
    try:
        return connection.send(data)
    except BlockingIOError:
        return 0


def _wait_for_bytes(connection: socket.socket, seconds: float) -> None:
    poll = select.poll()
    poll.register(connection, select.POLLIN)
    poll.poll(seconds * 1_000 + 1)
