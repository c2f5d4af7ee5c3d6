"""Inflates a gzip file in bounded memory: a table for training is held in memory as a whole."""

import gzip
import io
from pathlib import Path

from churn.errors import TableError

MAX_RATIO = 100
"""Inflated bytes for each byte of the file, beyond ALWAYS_INFLATED_BYTES. Tables have 5 to 30, a bomb has 1,000."""

ALWAYS_INFLATED_BYTES = 64 * 1024 * 1024

_PIECE_BYTES = 1024 * 1024


def inflate(path: Path, content: bytes) -> bytes:
    """The inflated content of a file.

    Raises TableError for a file that inflates to far more than a table does. For a damaged file, gzip's own OSError,
    EOFError or zlib.error passes through.
    """
    most_bytes = max(ALWAYS_INFLATED_BYTES, MAX_RATIO * len(content))
    pieces, inflated_bytes = [], 0
    with gzip.GzipFile(fileobj=io.BytesIO(content)) as file:
        while piece := file.read(_PIECE_BYTES):
            inflated_bytes += len(piece)
            if inflated_bytes > most_bytes:
                raise TableError(path, f"it is a gzip file of more than {most_bytes:,} bytes; unpack it")
            pieces.append(piece)
    return b"".join(pieces)
