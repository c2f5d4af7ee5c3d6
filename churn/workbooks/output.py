"""The file that a zip archive is written to, which may be left before the archive is finished."""

from typing import BinaryIO


class Output:
    """The file as the zip archive sees it: it can't be sought in, and nothing is written once it is abandoned.

    Else an archive that was not finished would write its list of parts when it is collected.
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
