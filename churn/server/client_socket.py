"""A client's connection as a thread uses it: reading has one deadline for a whole request, and sending never waits.

Bytes that a client does not take at once stay in `unsent`; the main thread sends them when the client takes more.
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
"""The lowest rate at which a client may send a body or take an answer, after a grace of 10 s."""
HURRIED_BYTES_PER_S = 256 * 1024
"""The lowest rate for the rest of a large body while another one waits for its turn, after a grace of 5 s."""
_HURRIED_GRACE_S = 5.0
_LONGEST_SLEEP_S = 0.5  # before another look at the deadline, which another thread may have brought forward

_Wanted = TypeVar("_Wanted")
_Received = TypeVar("_Received")


class ClientSocket:
    """A connected socket with the methods that gunicorn uses. Its `connection` never blocks.

    `deadline`, by time.monotonic, ends all waiting in `recv`. With `grows` it moves by one second for each
    `slowest_bytes_per_s` bytes that come. `is_late`: the deadline passed during a wait. `has_sent`: an answer was
    begun.
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
        """The next bytes; waits for them. Raises TimeoutError at the deadline, or after the time of settimeout."""
        received = self._receive(self.connection.recv, size)
        self._has_come(len(received))
        return received

    def fill(self, buffer: memoryview) -> int:
        """Reads into a buffer until it is full or no more comes: the number of bytes. Raises as recv does."""
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
        """Makes a wait for bytes in another thread fail as at the deadline; what has come can still be read."""
        self._has_ended = True
        with contextlib.suppress(OSError):  # the client is gone
            self.connection.shutdown(socket.SHUT_RD)  # wakes the waiting thread

    def hurry(self) -> None:
        """Requires HURRIED_BYTES_PER_S for the rest of a body; called from another thread."""
        self.deadline = min(self.deadline, time.monotonic() + _HURRIED_GRACE_S)
        self.grows, self.slowest_bytes_per_s = True, HURRIED_BYTES_PER_S

    def _has_come(self, size: int) -> None:
        if self.grows:
            self.deadline += size / self.slowest_bytes_per_s

    def sendall(self, data: bytes | memoryview) -> None:
        """Sends what the client takes at once; the rest goes to `unsent`. Raises OSError when the client is gone."""
        self.has_sent = True
        part = memoryview(data)
        if not self.unsent:
            part = part[send_now(self.connection, part) :]
        if part:
            self.unsent.append(part)

    def send(self, data: bytes) -> int:
        """Sends as sendall does; the number of bytes in `data`."""
        self.sendall(data)
        return len(data)

    def sendfile(self, file: IO[bytes], offset: int = 0, count: int | None = None) -> int:
        """Sends `count` bytes of a file from `offset` on, as sendall does; the number of bytes."""
        file.seek(offset)
        return self.send(file.read(-1 if count is None else count))

    def send_rest(self) -> bool:
        """Sends as much of `unsent` as the client takes; True if it took any. Raises OSError when it is gone."""
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
        """Bounds each further `recv`; with None only the deadline applies."""
        self._patience_s = patience_s

    def gettimeout(self) -> float | None:
        """The time that settimeout has set."""
        return self._patience_s

    def setblocking(self, flag: bool) -> None:
        """Does nothing: `recv` always waits, and sending never does."""

    def shutdown(self, how: int) -> None:
        """Shuts down the connection's reading, writing or both, as a socket does."""
        self.connection.shutdown(how)

    def close(self) -> None:
        """Closes the connection, and discards its unsent bytes."""
        self.unsent.clear()
        self.connection.close()


def send_now(connection: socket.socket, data: bytes | memoryview) -> int:
    """Send without waiting: the number of bytes that the connection took. Raises OSError when it is broken."""
    try:
        return connection.send(data)
    except BlockingIOError:
        return 0


def _wait_for_bytes(connection: socket.socket, seconds: float) -> None:
    poll = select.poll()
    poll.register(connection, select.POLLIN)
    poll.poll(seconds * 1_000 + 1)
