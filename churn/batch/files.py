"""Files of customers to score: read in pieces, scored, and written in the same form.

`csv_file`, `parquet_file` and `workbook_file` read and write the three forms. Needs pyarrow.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Protocol

import numpy as np

from churn.batch.csv_file import open_csv
from churn.batch.failures import wording_failures
from churn.batch.parquet_file import ParquetFile
from churn.batch.scorer import ScoredRows, TableScorer
from churn.batch.workbook_file import WorkbookFile
from churn.tables.answer import AnswerColumns
from churn.tables.file_form import Form, check_options, read_form
from churn.workbooks.reader import read_workbook


class TableFile(Protocol):
    """A file of customers that is read, scored and written. `total` is its size in the unit of `pieces`.

    `form` describes the detected form in words. `columns` are the answer's columns; `header_row` is the row of the
    header, from 1 as in a spreadsheet. `hidden_rows` is, after all pieces are read, the number of hidden rows of a
    workbook.
    """

    total: int | None
    columns: AnswerColumns
    header_row: int
    hidden_rows: int
    form: str

    def pieces(self) -> Iterator[tuple[Any, int]]:
        """The rows in pieces to score, and the size of each piece."""

    def score(self, piece: Any) -> ScoredRows:
        """A scored piece; several threads may call this at once."""

    def pick(self, parts: list[Any], places: np.ndarray) -> list[Any]:
        """The scored rows with these numbers, from 0, of several parts together, again in parts."""

    def open(self, target: BinaryIO, name: Path) -> None:
        """Begins to write; `name` is the target's. Raises OSError, and WriteError for unsupported values."""

    def write(self, rows: Any) -> None:
        """Writes scored rows. Raises as `open` does."""

    def close(self) -> None:
        """Writes the end of the file. Raises as `open` does."""

    def abandon(self) -> None:
        """Stops writing, and releases the files; called in any case."""


@contextmanager
def open_table(
    source: Path | BinaryIO,
    form: Form,
    scorer: TableScorer,
    *,
    encoding: str | None = None,
    worksheet: str | None = None,
    decimal_mark: str | None = None,
) -> Iterator[TableFile]:
    """The file in its form, which find_form finds.

    `encoding` and `decimal_mark` are for a CSV in which they can't be detected; see open_csv. `worksheet` is the name
    of a workbook's sheet; None is the first visible one. Raises TableError for a file that can't be read and for an
    option of another form, and as CsvFile, ParquetFile and WorkbookFile do.
    """
    with ExitStack() as opened:
        check_options(_name_of(source), form, encoding=encoding, worksheet=worksheet, decimal_mark=decimal_mark)
        if isinstance(source, Path) and form is Form.PARQUET:
            table: TableFile = ParquetFile(source, scorer)
        elif isinstance(source, Path) and form is Form.WORKBOOK:
            with wording_failures(source):
                sheet = opened.enter_context(read_workbook(source, worksheet=worksheet))
            table = WorkbookFile(sheet, scorer, name=source)
        elif isinstance(source, Path):
            with wording_failures(source):
                file = opened.enter_context(source.open("rb"))
            table = open_csv(file, scorer, name=source, encoding=encoding, decimal_mark=decimal_mark)
        else:
            table = open_csv(source, scorer, name=_name_of(source), encoding=encoding, decimal_mark=decimal_mark)
        opened.callback(table.abandon)
        yield table


def find_form(source: Path | BinaryIO) -> Form:
    """The form of a file, by its content; a pipe is CSV. Raises TableError for an unreadable or unknown file."""
    if not isinstance(source, Path):
        return Form.CSV
    with wording_failures(source):
        return read_form(source)


def _name_of(source: Path | BinaryIO) -> Path:
    return source if isinstance(source, Path) else Path("the input")
