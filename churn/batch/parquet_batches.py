"""The rows of a Parquet file in batches of bounded memory, however small the file is beside what it holds.

A column's values may be written once and counted: 289 bytes can be 6 GB of texts. So each row group is looked at
before it is read: its sizes in the file's footer, then the longest text in each of its dictionaries. Needs pyarrow.
"""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from churn.errors import TableError

BATCH_BYTES = 64 * 2**20
"""The memory that the rows which are read at once may take, unless one row takes more."""
MOST_BYTES = 2**30
"""The memory that one row, and what can't be read in parts, may take."""

_SQUEEZED = (
    100  # a row group above MOST_BYTES that takes less than its hundredth in the file is no table of customers
)
_WIDTHS = {"BOOLEAN": 1, "INT32": 4, "FLOAT": 4, "INT64": 8, "DOUBLE": 8, "INT96": 12, "BYTE_ARRAY": 8}


def read_batches(path: Path, file: pq.ParquetFile, *, most_rows: int) -> Iterator[pa.RecordBatch]:
    """The rows of an opened file in order, at most `most_rows` at a time and as many as fit into BATCH_BYTES.

    Raises TableError for a row group of which one row could take more than MOST_BYTES, and Arrow's errors for a file
    that is damaged.
    """
    waiting: list[pa.RecordBatch] = []
    rows = size = 0
    for group in range(file.num_row_groups):
        for batch in file.iter_batches(_rows_at_once(path, file, group, most_rows), row_groups=[group]):
            if waiting and (rows + len(batch) > most_rows or size + batch.nbytes > BATCH_BYTES):
                yield _join(waiting)
                waiting, rows, size = [], 0, 0
            waiting.append(batch)
            rows, size = rows + len(batch), size + batch.nbytes
    if waiting:
        yield _join(waiting)


def _join(batches: list[pa.RecordBatch]) -> pa.RecordBatch:
    if len(batches) == 1:
        return batches[0]
    return pa.Table.from_batches(batches).unify_dictionaries().combine_chunks().to_batches()[0]


def _rows_at_once(path: Path, file: pq.ParquetFile, group: int, most_rows: int) -> int:
    """How many rows of a row group fit into BATCH_BYTES, at least one and at most `most_rows`. Raises TableError."""
    metadata = file.metadata.row_group(group)
    if not metadata.num_rows:
        return most_rows
    columns = [metadata.column(place) for place in range(metadata.num_columns)]
    written = min(sum(column.total_compressed_size for column in columns), path.stat().st_size)
    if metadata.total_byte_size > max(MOST_BYTES, _SQUEEZED * written):
        raise _too_large(path, group, metadata.total_byte_size)
    longest = _longest_texts(path, file, group)
    row_bytes = metadata.total_byte_size / metadata.num_rows
    for place, column in enumerate(columns):
        schema = file.metadata.schema.column(place)
        width = _WIDTHS.get(column.physical_type, schema.length) + longest.get(column.path_in_schema, 0)
        row_bytes += width * (
            column.num_values if schema.max_repetition_level else 1
        )  # one row may hold all of a list
    if row_bytes > MOST_BYTES:
        raise _too_large(path, group, row_bytes)
    return max(1, min(most_rows, int(BATCH_BYTES / row_bytes)))


def _longest_texts(path: Path, file: pq.ParquetFile, group: int) -> dict[str, int]:
    """The bytes of the longest text in the dictionary of each column that could be too much for BATCH_BYTES."""
    metadata = file.metadata.row_group(group)
    columns = [metadata.column(place) for place in range(metadata.num_columns)]
    names = [
        column.path_in_schema
        for column in columns
        if column.physical_type == "BYTE_ARRAY"
        and any("DICTIONARY" in encoding for encoding in column.encodings)
        and column.num_values * column.total_uncompressed_size > BATCH_BYTES / len(columns)
    ]
    if not names:
        return {}
    with pq.ParquetFile(path, read_dictionary=names) as coded:
        return {name: _longest(coded, group, name) for name in names}


def _longest(coded: pq.ParquetFile, group: int, name: str) -> int:
    """The bytes of the longest text in a column's dictionary, which comes with its first row."""
    first: pa.RecordBatch = next(coded.iter_batches(1, row_groups=[group], columns=[name]))
    column = first.column(0)
    while pa.types.is_nested(column.type):  # of one column's, as no other was asked for
        column = column.field(0) if pa.types.is_struct(column.type) else column.values
    return pc.max(pc.binary_length(column.dictionary)).as_py() or 0


def _too_large(path: Path, group: int, size: float) -> TableError:
    told = f"row group {group + 1} can take {size / 2**20:,.0f} MiB at once when it is read"
    return TableError(path, f"{told}, and {MOST_BYTES / 2**20:,.0f} MiB is the most: write smaller row groups")
