"""Files of customers to be scored, CSV and Parquet: read in pieces, scored, and written in the same form.

Owns how a file of either kind is read and written; the scoring is scorer's and csv_columns'. Needs pyarrow.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from churn.batch.csv_blocks import CsvBlocks
from churn.batch.csv_columns import CsvScorer
from churn.batch.parquet_batches import read_batches
from churn.batch.scorer import ScoredRows, TableScorer, cells_of, output_schema
from churn.errors import TableError
from churn.tables.answer import LOOKED_AT_ROWS, AnswerColumns

KINDS = {".csv": "CSV", ".tsv": "CSV", ".txt": "CSV", ".parquet": "Parquet", ".pq": "Parquet"}
PARQUET_ROWS = 64 * 1024
"""Rows that are read at once, and of which a row group of the answer is made."""


class TableFile(Protocol):
    """A file of customers on its way from one file to another. `total` is its size in the unit of `pieces`.

    `columns` are the answer's, `header_row` is the header's row as a spreadsheet counts.
    """

    total: int | None
    columns: AnswerColumns
    header_row: int

    def pieces(self) -> Iterator[tuple[Any, int]]:
        """Its rows in pieces, as they are to be scored, and the size of each."""

    def score(self, piece: Any) -> ScoredRows:
        """A scored piece; several threads may ask at a time."""

    def open(self, target: BinaryIO) -> None:
        """Begins to write. Raises OSError."""

    def write(self, rows: pa.RecordBatch) -> None:
        """Writes scored rows. Raises OSError."""

    def close(self) -> None:
        """Writes what comes last. Raises OSError."""

    def abandon(self) -> None:
        """Writes nothing more, whatever happened."""


class CsvFile:
    """A CSV. Raises CsvError, and CustomerError for a header without the fields."""

    def __init__(self, source: BinaryIO, scorer: TableScorer, name: Path) -> None:
        self._name = name
        status = os.fstat(source.fileno())
        self.total = status.st_size if stat.S_ISREG(status.st_mode) else None
        self._blocks = CsvBlocks(source, scorer.contract)
        self._scorer = CsvScorer(self._blocks, scorer)
        self.columns, self.header_row = self._scorer.columns, self._blocks.form.header_row

    def pieces(self) -> Iterator[tuple[Any, int]]:
        begun = len(self._blocks.header)
        try:
            for block in self._blocks:
                yield block, begun + len(block.content)
                begun = 0
        except OSError as error:
            raise _cant_read(self._name, error) from None

    def score(self, piece: Any) -> ScoredRows:
        return self._scorer.score(piece)

    def open(self, target: BinaryIO) -> None:
        self._target = target
        target.write(self._scorer.header)

    def write(self, rows: pa.RecordBatch) -> None:
        texts = rows.column(0)
        if len(texts):
            _, offsets, letters = texts.buffers()
            begin, end = np.frombuffer(offsets, dtype=np.int32)[[texts.offset, texts.offset + len(texts)]].tolist()
            self._target.write(memoryview(letters)[begin:end])

    def close(self) -> None:
        pass

    def abandon(self) -> None:
        pass


class ParquetFile:
    """A Parquet file, with the codecs of its columns. Raises TableError, and CustomerError as TableScorer does.

    Its rows are counted as those of a CSV: the first one is row 2.
    """

    header_row = 1

    def __init__(self, source: Path, scorer: TableScorer) -> None:
        self._source, self._scorer = source, scorer
        self._writer: Any = None
        try:
            self._file = pq.ParquetFile(source)
        except (pa.ArrowException, OSError) as error:
            raise _cant_read(source, error) from None
        self.total = self._file.metadata.num_rows
        scorer.contract.place_fields(self._file.schema_arrow.names)
        self.columns = scorer.arrange(self._file.schema_arrow.names, self._first_cells)
        self._schema = output_schema(self._file.schema_arrow, self.columns)

    def _first_cells(self, run: range) -> Iterator[tuple[object, ...]]:
        """The first rows' cells in some columns, as Python values. Raises TableError."""
        for batch in self._batches(LOOKED_AT_ROWS):
            yield from cells_of(batch, run)

    def pieces(self) -> Iterator[tuple[Any, int]]:
        for batch in self._batches(PARQUET_ROWS):
            yield batch, len(batch)

    def _batches(self, most_rows: int) -> Iterator[pa.RecordBatch]:
        """The rows, `most_rows` at a time or fewer. Raises TableError."""
        try:
            yield from read_batches(self._source, self._file, most_rows=most_rows)
        except (pa.ArrowException, OSError) as error:
            raise _cant_read(self._source, error) from None

    def score(self, piece: Any) -> ScoredRows:
        return self._scorer.answer(piece, self.columns)

    def open(self, target: BinaryIO) -> None:
        self._writer = pq.ParquetWriter(target, self._schema, compression=self._codecs())

    def write(self, rows: pa.RecordBatch) -> None:
        self._writer.write_batch(rows)

    def close(self) -> None:
        self._writer.close()

    def abandon(self) -> None:
        if self._writer:
            self._writer.is_open = False  # else it fails when it is collected: its file is closed by then
        self._file.close()

    def _codecs(self) -> str | dict[str, str]:
        """The codec of each column, or of all; new columns have that of the first."""
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


@contextmanager
def open_table(source: Path | BinaryIO, scorer: TableScorer) -> Iterator[TableFile]:
    """The file as one of its kind. Raises TableError for what can't be read, and what CsvFile and ParquetFile do."""
    with ExitStack() as opened:
        if isinstance(source, Path) and kind_of(source) == "Parquet":
            table: TableFile = ParquetFile(source, scorer)
        elif isinstance(source, Path):
            try:
                file = opened.enter_context(source.open("rb"))
            except OSError as error:
                raise _cant_read(source, error) from None
            table = _open_csv(file, source, scorer)
        else:
            table = _open_csv(source, Path("the input"), scorer)
        opened.callback(table.abandon)
        yield table


def _open_csv(file: BinaryIO, name: Path, scorer: TableScorer) -> CsvFile:
    try:
        return CsvFile(file, scorer, name)
    except OSError as error:
        raise _cant_read(name, error) from None


def kind_of(path: Path | BinaryIO) -> str:
    """CSV or Parquet, by the ending; a pipe is CSV. Raises TableError for any other."""
    if not isinstance(path, Path):
        return "CSV"
    try:
        return KINDS[path.suffix.lower()]
    except KeyError:
        raise TableError(path, f"is neither CSV nor Parquet; the name must end with {', '.join(KINDS)}") from None


def _spell_codec(name: str) -> str:
    return "none" if name == "UNCOMPRESSED" else name.lower()


def _cant_read(path: Path, error: Exception) -> TableError:
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error).split("\n", 1)[0]
    return TableError(path, f"can't be read: {reason}")
