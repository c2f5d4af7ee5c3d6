"""A Parquet file that is read, scored and written, with the codecs of its columns.

Owns reading and writing; `parquet_batches` sizes the batches, and `scorer` does the scoring.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from churn.batch.answered_batches import cells_of, output_schema, pick_rows
from churn.batch.failures import wording_failures
from churn.batch.parquet_batches import read_batches
from churn.batch.scorer import ScoredRows, TableScorer
from churn.errors import TableError
from churn.tables.answer import LOOKED_AT_ROWS

PARQUET_ROWS = 64 * 1024
"""The most rows that are read at once, and written as one row group."""


class ParquetFile:
    """A Parquet file, with the codecs of its columns. Raises TableError, and CustomerError as TableScorer does.

    Its rows are numbered like those of a CSV: the first one is row 2.
    """

    header_row = 1
    hidden_rows = 0
    form = "Parquet"

    def __init__(self, source: Path, scorer: TableScorer) -> None:
        self._source, self._scorer = source, scorer
        self._writer: Any = None
        with wording_failures(source):
            self._file = pq.ParquetFile(source)
        self.total = self._file.metadata.num_rows
        if missing := scorer.renaming.find_missing(self._file.schema_arrow.names):
            raise TableError(source, missing)
        scorer.place_fields(self._file.schema_arrow.names)
        self.columns = scorer.arrange(self._file.schema_arrow.names, self._first_cells)
        try:
            self._gains = scorer.find_gains(self._file.schema_arrow.names, self._first_cells)
        except ValueError as error:
            raise TableError(source, str(error)) from None
        self._schema = output_schema(self._file.schema_arrow, self.columns)

    def _first_cells(self, run: range) -> Iterator[tuple[object, ...]]:
        """The rows' cells in the columns of `run`, from the first row on, as Python values. Raises TableError."""
        for batch in self._batches(LOOKED_AT_ROWS):
            yield from cells_of(batch, run)

    def pieces(self) -> Iterator[tuple[Any, int]]:
        for batch in self._batches(PARQUET_ROWS):
            yield batch, len(batch)

    def _batches(self, most_rows: int) -> Iterator[pa.RecordBatch]:
        """The rows in batches of at most `most_rows`. Raises TableError."""
        with wording_failures(self._source):
            yield from read_batches(self._source, self._file, most_rows=most_rows)

    def score(self, piece: Any) -> ScoredRows:
        return self._scorer.answer(piece, self.columns, self._gains)

    def pick(self, parts: list[Any], places: np.ndarray) -> list[Any]:
        return pick_rows(parts, places)

    def open(self, target: BinaryIO, name: Path) -> None:
        self._writer = pq.ParquetWriter(target, self._schema, compression=self._codecs())

    def write(self, rows: pa.RecordBatch) -> None:
        self._writer.write_batch(rows)

    def close(self) -> None:
        self._writer.close()

    def abandon(self) -> None:
        if self._writer:
            self._writer.is_open = False  # else it fails when it is garbage-collected, after its file is closed
        self._file.close()

    def _codecs(self) -> str | dict[str, str]:
        """The codec of each column, or one for all; new columns have that of the first."""
        metadata = self._file.metadata
        if not metadata.num_row_groups or not metadata.num_columns:
            return "snappy"
        group = metadata.row_group(0)
        chunks = [group.column(number) for number in range(metadata.num_columns)]
        codecs = {chunk.path_in_schema: _spell_codec(chunk.compression) for chunk in chunks}
        first = _spell_codec(chunks[0].compression)
        if set(codecs.values()) == {first}:
            return first
        return dict.fromkeys(self._schema.names, first) | codecs


def _spell_codec(name: str) -> str:
    return "none" if name == "UNCOMPRESSED" else name.lower()
