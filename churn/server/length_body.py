"""A request's body of known length, read directly into one buffer. Knows gunicorn only by the protocols here.

gunicorn's own body receives pieces, joins them and returns other pieces, which copies each byte several times.
"""

import io
from collections.abc import Callable
from typing import Protocol, TypeVar

from churn.server.client_socket import ClientSocket

_Read = TypeVar("_Read")


class Unreader(Protocol):
    """gunicorn's reader of a connection, which holds the bytes that came with the head."""

    sock: ClientSocket

    def take_buffered(self) -> bytes:
        """Removes all bytes that it holds: those bytes."""

    def unread(self, data: bytes) -> None:
        """Puts bytes back, to be read first."""


class LengthReader(Protocol):
    """gunicorn's reader of a body; `length` is the number of bytes still unread."""

    length: int
    unreader: Unreader

    def read(self, size: int) -> bytes:
        """The next `size` bytes; fewer only at the end of the body or of the connection."""


class LengthBody(io.RawIOBase):
    """The body that a reader reads, with the interface of gunicorn's own. `failed`: reading has raised an error."""

    def __init__(self, reader: LengthReader) -> None:
        self.reader = reader
        self.failed = False

    def readable(self) -> bool:
        """True."""
        return True

    def read(self, size: int | None = -1) -> bytes:
        """The next `size` bytes; fewer only at the end of the body or of the connection."""
        left = self.reader.length
        return self._try(self.reader.read, left if size is None or size < 0 else size)

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        """Fills a buffer with the next bytes of the body: their number, smaller than the buffer only at the end."""
        return self._try(self._fill, memoryview(buffer)[: self.reader.length])

    def _fill(self, view: memoryview) -> int:
        unreader = self.reader.unreader
        held = unreader.take_buffered()
        size = min(len(held), len(view))
        view[:size] = held[:size]
        unreader.unread(held[size:])  # these belong to the next request
        size += unreader.sock.fill(view[size:])
        self.reader.length = self.reader.length - size if size == len(view) else 0
        return size

    def _try(self, read: Callable[..., _Read], wanted: object) -> _Read:
        try:
            return read(wanted)
        except Exception:
            self.failed = True
            raise
