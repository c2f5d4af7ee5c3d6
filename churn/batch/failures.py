"""What fails while a table is read: a system's, a library's or a compressed file's own words as a TableError."""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa

from churn.errors import TableError


@contextmanager
def wording_failures(name: Path) -> Iterator[None]:
    """Raises TableError, with the reason in one line, for what fails in the block."""
    try:
        yield
    except (OSError, EOFError, zlib.error, pa.ArrowException) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error).split("\n", 1)[0]
        raise TableError(name, f"can't be read: {reason}") from None
