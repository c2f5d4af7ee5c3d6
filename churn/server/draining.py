"""Reading what nobody wants of a connection, in a thread and within bounds of time and size. Knows no gunicorn."""

import contextlib
import socket
import time
from typing import Any, Protocol

DRAIN_BYTES = 16 * 2**20
"""More than MAX_CONTENT_LENGTH and nginx let through."""
_REST_S = 1.0
_PIECE_BYTES = 2**18


class Readable(Protocol):
    """What is used of a socket here."""

    def recv(self, size: int, /) -> bytes:
        """The next bytes."""

    def settimeout(self, seconds: float | None, /) -> None:
        """Bounds the wait for them."""


class Bounded:
    """A connection as gunicorn reads one, that fails past 1 s or 16 MiB, in however small pieces they come."""

    def __init__(self, connection: Readable) -> None:
        self._connection = connection
        self._deadline = time.monotonic() + _REST_S
        self._bytes_left = DRAIN_BYTES

    def recv(self, size: int) -> bytes:
        """The next piece. Raises TimeoutError when there is no time or no room left, EOFError when no more comes."""
        left_s = self._deadline - time.monotonic()
        if left_s <= 0 or self._bytes_left <= 0:
            raise TimeoutError
        self._connection.settimeout(left_s)
        received = self._connection.recv(min(size, _PIECE_BYTES))
        if not received:
            raise EOFError
        self._bytes_left -= len(received)
        return received


class Body(Protocol):
    """What is used of a request's body here."""

    def read(self, size: int, /) -> bytes:
        """The next bytes; b"" at the end."""


class Unreader(Protocol):
    """What gunicorn reads a connection by."""

    sock: Any


def read_to_end(body: Body, unreader: Unreader) -> bool:
    """True when the rest of a body came in time, and was thrown away; bounded in bytes, too."""
    connection = unreader.sock
    unreader.sock = Bounded(connection)
    try:
        while body.read(_PIECE_BYTES):
            pass
    except Exception:  # not in time, too long, or malformed: gunicorn's errors have no common class
        return False
    finally:
        unreader.sock = connection
        connection.settimeout(None)
    return True


def drain_connection(connection: socket.socket, linger_s: float) -> None:
    """Says that no more will come, and reads what is still sent: an RST would cost the client its answer."""
    deadline = time.monotonic() + linger_s
    drained = 0
    with contextlib.suppress(OSError):  # the client is gone, or its time is up
        connection.shutdown(socket.SHUT_WR)
        while drained < DRAIN_BYTES and (left := deadline - time.monotonic()) > 0:
            connection.settimeout(left)
            received = connection.recv(_PIECE_BYTES)
            drained += len(received)
            if not received:
                break
