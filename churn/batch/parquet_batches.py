"""The rows of a Parquet file in batches of bounded memory, however much a small file expands.

A repeated value may be stored once, with a count: 289 bytes can be 6 GB of texts. So row groups are checked before
they are read: their sizes in the file's footer, then the longest text in each of their dictionaries. Needs pyarrow.
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from churn.errors import TableError

BATCH_BYTES = 64 * 2**20
"""The most memory for the rows read at once, unless one row takes more."""
MOST_BYTES = 2**30
"""The most memory for one row, and for rows that can't be read in parts."""

_FEWEST_ROWS = 256  # read at once if the length of texts is unknown
_SQUEEZED = (
    100  # a row group above MOST_BYTES that is compressed by more than this factor is not a table of customers
)
_WIDTHS = {"BOOLEAN": 1, "INT32": 4, "FLOAT": 4, "INT64": 8, "DOUBLE": 8, "INT96": 12, "BYTE_ARRAY": 8}
_LEVEL_BYTES = 5  # an offset and a null flag, for each value and level of nesting


def read_batches(path: Path, file: pq.ParquetFile, *, most_rows: int) -> Iterator[pa.RecordBatch]:
    """The rows of an opened file in order, in batches of at most `most_rows` that fit into BATCH_BYTES.

    Trusts the sizes in the file's footer. Raises TableError for a row group in which one row could take more than
    MOST_BYTES, and Arrow's errors for a damaged file.
    """
    waiting: list[pa.RecordBatch] = []
    rows = size = 0
    for groups, at_once in _RowGroups(path, file, most_rows).plan():
        for batch in file.iter_batches(at_once, row_groups=groups):
            if waiting and (rows + len(batch) > most_rows or size + batch.nbytes > BATCH_BYTES):
                yield _join_batches(waiting)
                waiting, rows, size = [], 0, 0
            waiting.append(batch)
            rows, size = rows + len(batch), size + batch.nbytes
    if waiting:
        yield _join_batches(waiting)


def _join_batches(batches: list[pa.RecordBatch]) -> pa.RecordBatch:
    if len(batches) == 1:
        return batches[0]
    return pa.Table.from_batches(batches).unify_dictionaries().combine_chunks().to_batches()[0]


class _RowGroups:
    """The row groups of a file, and the memory that their rows take when they are read."""

    def __init__(self, path: Path, file: pq.ParquetFile, most_rows: int) -> None:
        self._path, self._file, self._most_rows = path, file, most_rows
        self._file_bytes = path.stat().st_size
        schema = file.metadata.schema
        self._schemas = [schema.column(number) for number in range(len(schema))]
        self._widths = [_WIDTHS.get(column.physical_type, column.length) for column in self._schemas]
        self._names = Counter(column.path for column in self._schemas)
        self._is_flat = not any(column.max_repetition_level for column in self._schemas)

    def plan(self) -> Iterator[tuple[list[int], int]]:
        """Lists of row groups to read together, each with the number of rows to read at once. Raises TableError."""
        small, taken = list[int](), 0.0
        for group in range(self._file.num_row_groups):
            most = self._most_bytes(group)
            if small and taken + most > BATCH_BYTES:
                yield small, self._most_rows
                small, taken = [], 0.0
            if most <= BATCH_BYTES:
                small.append(group)
                taken += most
            else:
                yield [group], self._rows_at_once(group)
        if small:
            yield small, self._most_rows

    def _most_bytes(self, group: int) -> float:
        """The most bytes that a row group of flat columns can take: each text may be all that is stored."""
        metadata = self._file.metadata.row_group(group)
        return metadata.num_rows * (sum(self._widths) + metadata.total_byte_size) if self._is_flat else float("inf")

    def _rows_at_once(self, group: int) -> int:
        """The number of rows of a group that fit into BATCH_BYTES, at least 1. Raises TableError."""
        metadata = self._file.metadata.row_group(group)
        if not metadata.num_rows:
            return self._most_rows
        columns = [metadata.column(number) for number in range(metadata.num_columns)]
        written = min(sum(column.total_compressed_size for column in columns), self._file_bytes)
        if metadata.total_byte_size > max(MOST_BYTES, _SQUEEZED * written):
            raise self._too_large(group, metadata.total_byte_size)
        fewest, average, most = 1, metadata.total_byte_size / metadata.num_rows, 0.0
        for column, schema, width in zip(columns, self._schemas, self._widths, strict=True):
            if self._is_unknown(column):
                width, fewest = width + column.total_uncompressed_size, _FEWEST_ROWS
            width += _LEVEL_BYTES * schema.max_definition_level
            average += width * column.num_values / metadata.num_rows
            most += width * (
                column.num_values if schema.max_repetition_level else 1
            )  # all values of a list column may be in one row
        self._check(group, fewest * most)
        if any("DICTIONARY" in encoding for column in columns for encoding in column.encodings):
            for longest, number in self._longest_texts(group):
                values, is_list = columns[number].num_values, self._schemas[number].max_repetition_level > 0
                average += longest * values / metadata.num_rows
                most += longest * (values if is_list else 1)
            self._check(group, fewest * most)
        return max(fewest, min(self._most_rows, int(BATCH_BYTES / average)))

    def _longest_texts(self, group: int) -> list[tuple[int, int]]:
        """The bytes of the longest text in each column's dictionaries, with the column's number.

        Reading the first row reads the dictionaries. The number for a structure is that of its column with the most
        values.
        """
        metadata = self._file.metadata.row_group(group)
        columns = [metadata.column(number) for number in range(metadata.num_columns)]
        names = {column.path_in_schema for column in columns if column.physical_type == "BYTE_ARRAY"}
        with pq.ParquetFile(self._path, read_dictionary=names) as coded:
            first: pa.RecordBatch = next(coded.iter_batches(1, row_groups=[group]))
        found, number = [], 0
        for array in first.columns:
            leaves = range(number, number + _count_leaves(array.type))
            number = leaves.stop
            longest = sum(map(_longest_text, _find_dictionaries(array)))
            found.append((longest, max(leaves, key=lambda leaf: columns[leaf].num_values)))
        return found

    def _is_unknown(self, column: pq.ColumnChunkMetaData) -> bool:
        """True for texts of unknown length: each may be all that is stored of its column."""
        shares_beginnings = any("DELTA_BYTE_ARRAY" in encoding for encoding in column.encodings)
        is_one_of_two = self._names[column.path_in_schema] > 1  # Arrow reads only one of their dictionaries
        return shares_beginnings or (column.physical_type == "BYTE_ARRAY" and is_one_of_two)

    def _check(self, group: int, size: float) -> None:
        if size > MOST_BYTES:
            raise self._too_large(group, size)

    def _too_large(self, group: int, size: float) -> TableError:
        reason = f"row group {group + 1} can take {size / 2**20:,.0f} MiB at once when it is read"
        return TableError(
            self._path, f"{reason}, and {MOST_BYTES / 2**20:,.0f} MiB is the most: write smaller row groups"
        )


def _list_children(array: pa.Array) -> list[pa.Array]:
    """The arrays that make up a nested array; empty for a flat one."""
    if pa.types.is_struct(array.type):
        return [array.field(number) for number in range(array.type.num_fields)]
    if pa.types.is_map(array.type):
        return [array.keys, array.items]
    return [array.values] if pa.types.is_nested(array.type) else []


def _find_dictionaries(array: pa.Array) -> Iterator[pa.Array]:
    """The dictionaries of texts in an array, at any depth."""
    if pa.types.is_dictionary(array.type):
        yield array.dictionary
    for child in _list_children(array):
        yield from _find_dictionaries(child)


def _count_leaves(kind: pa.DataType) -> int:
    """The number of Parquet columns that store an Arrow type."""
    if not pa.types.is_nested(kind):
        return 1
    return sum(_count_leaves(kind.field(number).type) for number in range(kind.num_fields))


def _longest_text(texts: pa.Array) -> int:
    """The bytes of the longest text; 0 for other types, which have a fixed width."""
    if not (pa.types.is_string(texts.type) or pa.types.is_large_string(texts.type) or pa.types.is_binary(texts.type)):
        return 0
    return pc.max(pc.binary_length(texts)).as_py() or 0
