"""Failures while a table is read, as a TableError with the system's, the library's or this project's message."""

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa

from churn.errors import TableError
from churn.tables.file_kind import describe_kind


@contextmanager
def wording_failures(name: Path) -> Iterator[None]:
    """Turn an error of reading in the block into a TableError with a reason of one line."""
    try:
        yield
    except (gzip.BadGzipFile, EOFError, zlib.error):
        raise TableError(name, describe_kind("damaged-gzip")) from None
    except (OSError, pa.ArrowException) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error).split("\n", 1)[0]
        raise TableError(name, f"can't be read: {reason}") from None
