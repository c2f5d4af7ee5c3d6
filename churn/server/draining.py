"""Reading and discarding the rest of a connection's bytes, within a time and a size. Knows no gunicorn."""

import contextlib
import socket
import time
from typing import Any, Protocol

DRAIN_BYTES = 16 * 2**20
"""More than the defaults of MAX_CONTENT_LENGTH and nginx let through."""
_REST_S = 1.0
_PIECE_BYTES = 2**18


class Readable(Protocol):
    """The methods of a socket that this module uses."""

    def recv(self, size: int, /) -> bytes:
        """The next bytes."""

    def settimeout(self, seconds: float | None, /) -> None:
        """Bounds the wait for the next bytes."""


class Bounded:
    """A connection for gunicorn to read that fails after 1 s or 16 MiB in total, however small the pieces are."""

    def __init__(self, connection: Readable) -> None:
        self._connection = connection
        self._deadline = time.monotonic() + _REST_S
        self._bytes_left = DRAIN_BYTES

    def recv(self, size: int) -> bytes:
        """The next bytes. Raises TimeoutError past the time or the size, EOFError at the end of the connection."""
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
    """The method of a request's body that this module uses."""

    def read(self, size: int, /) -> bytes:
        """The next bytes; b"" at the end."""


class Unreader(Protocol):
    """gunicorn's reader of a connection."""

    sock: Any


def read_to_end(body: Body, unreader: Unreader) -> bool:
    """Read and discard the rest of a body: True if all of it came within 1 s and 16 MiB."""
    connection = unreader.sock
    unreader.sock = Bounded(connection)
    try:
        while body.read(_PIECE_BYTES):
            pass
    except Exception:  # late, too long or malformed; gunicorn's errors have no common class
        return False
    finally:
        unreader.sock = connection
        connection.settimeout(None)
    return True


def drain_connection(connection: socket.socket, linger_s: float) -> None:
    """Close the writing side, and read what the client still sends: an RST could destroy a sent answer."""
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
