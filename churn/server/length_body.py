"""A request's body of known length, read straight into one buffer. Knows no gunicorn but by what a reader of it has.

gunicorn's own body receives pieces, joins them, and gives them out in others: each byte is copied several times.
"""

import io
from collections.abc import Callable
from typing import Protocol, TypeVar

from churn.server.client_socket import ClientSocket

_Read = TypeVar("_Read")


class Unreader(Protocol):
    """What gunicorn reads a connection by, which holds what came with the head."""

    sock: ClientSocket

    def take_buffered(self) -> bytes:
        """All that it holds."""

    def unread(self, data: bytes) -> None:
        """Takes bytes back, to be read first."""


class LengthReader(Protocol):
    """What gunicorn reads a body by; `length` is what has not been read of it."""

    length: int
    unreader: Unreader

    def read(self, size: int) -> bytes:
        """The next bytes: fewer only where the body, or what the client sends, ends."""


class LengthBody(io.RawIOBase):
    """The body behind a reader; gunicorn, too, takes it for one. `failed`: reading it has raised an error."""

    def __init__(self, reader: LengthReader) -> None:
        self.reader = reader
        self.failed = False

    def readable(self) -> bool:
        """True."""
        return True

    def read(self, size: int | None = -1) -> bytes:
        """The next bytes, as gunicorn's reader has them: fewer only where the body, or what is sent, ends."""
        left = self.reader.length
        return self._try(self.reader.read, left if size is None or size < 0 else size)

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        """How many bytes of the body the buffer was filled with: fewer than it takes only where read has fewer."""
        return self._try(self._fill, memoryview(buffer)[: self.reader.length])

    def _fill(self, view: memoryview) -> int:
        unreader = self.reader.unreader
        held = unreader.take_buffered()
        size = min(len(held), len(view))
        view[:size] = held[:size]
        unreader.unread(held[size:])  # the next request's
        size += unreader.sock.fill(view[size:])
        self.reader.length = self.reader.length - size if size == len(view) else 0
        return size

    def _try(self, read: Callable[..., _Read], wanted: object) -> _Read:
        try:
            return read(wanted)
        except Exception:
            self.failed = True
            raise
