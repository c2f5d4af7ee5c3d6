"""The files that a scoring writes: side files until all is written, as private as the source, with their errors."""

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
    """The name of a target in an error."""
    return target if isinstance(target, Path) else Path("the output")


class PipeTarget(io.FileIO):
    """A pipe for writing: each write is complete and unbuffered, so that nothing can fail later."""

    def write(self, content: Any, /) -> int:
        left = memoryview(content)
        while left:
            left = left[super().write(left) or 0 :]
        return len(content)


@contextmanager
def open_target(target: Path | BinaryIO, source: Path | BinaryIO) -> Iterator[BinaryIO]:
    """The file to write to. A new file gets the permissions of the source, unless the source is a pipe."""
    if not isinstance(target, Path):
        yield target
        return
    with replacing(target, like=_find_looks(source)) as file:
        if not is_compressed(target):
            yield file
            return
        with gzip.GzipFile(filename="", fileobj=file, mode="wb", mtime=0) as compressed:  # without name and time
            yield cast(BinaryIO, compressed)


@contextmanager
def wording_write_failures(target: Path | BinaryIO) -> Iterator[None]:
    """Turn OSErrors of a target into WriteErrors that name it."""
    try:
        yield
    except OSError as error:
        raise WriteError(str(name_target(target)), error.strerror or str(error)) from None


class CountsFile:
    """The file for the report of the counts, a side file until `put`; without a path nothing is written.

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
        """Writes the whole content."""
        if self._file:
            with wording_write_failures(self._path):
                self._file.write(content)
                self._file.flush()

    def put(self) -> None:
        """Moves the file to its path."""
        with wording_write_failures(self._path):
            self._opened.close()


def _find_looks(source: Path | BinaryIO) -> os.stat_result | None:
    """The stat of a source that is a file; None for a pipe or a source in memory."""
    with contextlib.suppress(OSError):  # raised for a source in memory
        found = source.stat() if isinstance(source, Path) else os.fstat(source.fileno())
        return found if stat.S_ISREG(found.st_mode) else None
    return None
