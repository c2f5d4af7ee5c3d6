"""The files that a scoring writes: to the side until all is well, as private as their source, with their own errors.

What is written is others'.
"""

import contextlib
import gzip
import io
import os
import stat
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, cast

from churn.errors import WriteError
from churn.files import replacing
from churn.tables.file_ending import is_compressed


def name_target(target: Path | BinaryIO) -> Path:
    """What a target is called in an error."""
    return target if isinstance(target, Path) else Path("the output")


class PipeTarget(io.FileIO):
    """A pipe to write to: it takes all that it is given, and keeps nothing back that could fail later."""

    def write(self, content: Any, /) -> int:
        left = memoryview(content)
        while left:
            left = left[super().write(left) or 0 :]
        return len(content)


@contextmanager
def open_target(target: Path | BinaryIO, source: Path | BinaryIO) -> Iterator[BinaryIO]:
    """The file to write to. A new one is as private as the source is, which a pipe does not say."""
    if not isinstance(target, Path):
        yield target
        return
    with replacing(target, like=_find_looks(source)) as file:
        if not is_compressed(target):
            yield file
            return
        with gzip.GzipFile(filename="", fileobj=file, mode="wb", mtime=0) as compressed:  # no name and no time in it
            yield cast(BinaryIO, compressed)


@contextmanager
def wording_write_failures(target: Path | BinaryIO) -> Iterator[None]:
    """Turns OSErrors of a target into WriteErrors that name it."""
    try:
        yield
    except OSError as error:
        raise WriteError(str(name_target(target)), error.strerror or str(error)) from None


class CountsFile:
    """The file for what counts say, which stands to the side until it is put; where there is no path, nothing is.

    Raises WriteError, as its methods do.
    """

    def __init__(self, path: Path | None, source: Path | BinaryIO) -> None:
        self._path = path or Path()
        opening: AbstractContextManager[BinaryIO | None] = nullcontext()
        if path:
            opening = replacing(path, like=_find_looks(source))
        self._opened = contextlib.ExitStack()
        with wording_write_failures(self._path):
            self._file = self._opened.enter_context(opening)

    def __enter__(self) -> "CountsFile":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._opened.__exit__(kind, error, traceback)

    def write(self, content: bytes) -> None:
        """Writes all that it is to hold."""
        if self._file:
            with wording_write_failures(self._path):
                self._file.write(content)
                self._file.flush()

    def put(self) -> None:
        """Puts it in its place, whole."""
        with wording_write_failures(self._path):
            self._opened.close()


def _find_looks(source: Path | BinaryIO) -> os.stat_result | None:
    """What is known of a source that is a file; None of a pipe, and of what is in memory."""
    with contextlib.suppress(OSError):  # in memory it is no file
        found = source.stat() if isinstance(source, Path) else os.fstat(source.fileno())
        return found if stat.S_ISREG(found.st_mode) else None
    return None
