"""The file that a zip archive is written to, which can be abandoned before the archive is finished."""

from typing import BinaryIO


class Output:
    """A file without seek that ignores writes once it is abandoned.

    Otherwise an unfinished archive would write its directory when it is garbage-collected.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file: BinaryIO | None = file

    def write(self, content: bytes) -> int:
        if self._file:
            self._file.write(content)
        return len(content)

    def flush(self) -> None:
        if self._file:
            self._file.flush()

    def abandon(self) -> None:
        self._file = None
