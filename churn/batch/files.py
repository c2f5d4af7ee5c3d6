"""Files of customers to be scored, CSV and Parquet: read in pieces, scored, and written in the same form.

Owns which kind a file is of; how each is read and written is csv_file's and parquet_file's. Needs pyarrow.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Protocol

import pyarrow as pa

from churn.batch.csv_file import open_csv
from churn.batch.failures import wording_failures
from churn.batch.parquet_file import ParquetFile
from churn.batch.scorer import ScoredRows, TableScorer
from churn.tables.answer import AnswerColumns
from churn.tables.file_ending import Form, check_file, read_ending


class TableFile(Protocol):
    """A file of customers on its way from one file to another. `total` is its size in the unit of `pieces`.

    `form` says in words what was detected of it. `columns` are the answer's, `header_row` is the header's row as a
    spreadsheet counts.
    """

    total: int | None
    columns: AnswerColumns
    header_row: int
    form: str

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


@contextmanager
def open_table(source: Path | BinaryIO, scorer: TableScorer, *, encoding: str | None = None) -> Iterator[TableFile]:
    """The file as one of its kind; `encoding` is for a CSV that does not say it itself, as open_csv takes it.

    Raises TableError for what can't be read, and what CsvFile and ParquetFile do.
    """
    with ExitStack() as opened:
        form = form_of(source)
        if isinstance(source, Path):
            with wording_failures(source):
                check_file(source)
        if isinstance(source, Path) and form is Form.PARQUET:
            table: TableFile = ParquetFile(source, scorer)
        elif isinstance(source, Path):
            with wording_failures(source):
                file = opened.enter_context(source.open("rb"))
            table = open_csv(file, scorer, name=source, encoding=encoding)
        else:
            table = open_csv(source, scorer, name=Path("the input"), encoding=encoding)
        opened.callback(table.abandon)
        yield table


def form_of(path: Path | BinaryIO) -> Form:
    """The form by the ending; a pipe is CSV. Raises TableError for an ending that is none."""
    return read_ending(path) if isinstance(path, Path) else Form.CSV
