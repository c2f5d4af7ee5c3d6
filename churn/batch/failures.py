"""What fails while a table is read: a system's or a library's own words as a TableError, and ours for damage."""

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
    """Raises TableError, with the reason in one line, for what fails in the block."""
    try:
        yield
    except (gzip.BadGzipFile, EOFError, zlib.error):
        raise TableError(name, describe_kind("damaged-gzip")) from None
    except (OSError, pa.ArrowException) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error).split("\n", 1)[0]
        raise TableError(name, f"can't be read: {reason}") from None
