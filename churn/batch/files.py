"""Files of customers to be scored: read in pieces, scored, and written in the same form.

How each form is read and written is csv_file's, parquet_file's and workbook_file's. Needs pyarrow.
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
    """A file of customers on its way from one file to another. `total` is its size in the unit of `pieces`.

    `form` says in words what was detected of it. `columns` are the answer's, `header_row` is the header's row as a
    spreadsheet counts. `hidden_rows` says, once all pieces are read, how many rows a user of a workbook does not see.
    """

    total: int | None
    columns: AnswerColumns
    header_row: int
    hidden_rows: int
    form: str

    def pieces(self) -> Iterator[tuple[Any, int]]:
        """Its rows in pieces, as they are to be scored, and the size of each."""

    def score(self, piece: Any) -> ScoredRows:
        """A scored piece; several threads may ask at a time."""

    def pick(self, parts: list[Any], places: np.ndarray) -> list[Any]:
        """The scored rows at these places, from 0, of several parts of them, again in parts."""

    def open(self, target: BinaryIO, name: Path) -> None:
        """Begins to write; `name` is the target's. Raises OSError, and WriteError for what it can't hold."""

    def write(self, rows: Any) -> None:
        """Writes scored rows. Raises as `open` does."""

    def close(self) -> None:
        """Writes what comes last. Raises as `open` does."""

    def abandon(self) -> None:
        """Writes nothing more, whatever happened."""


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

    `encoding` and `decimal_mark` are for a CSV that does not say them itself, as open_csv takes them. `worksheet`
    names the sheet of a workbook; None takes the first visible one. Raises TableError for a file that can't be read
    and for an option that is for another form, and what CsvFile, ParquetFile and WorkbookFile raise.
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
    """The form by the content; a pipe is CSV. Raises TableError for a file that can't be read or is of no form."""
    if not isinstance(source, Path):
        return Form.CSV
    with wording_failures(source):
        return read_form(source)


def _name_of(source: Path | BinaryIO) -> Path:
    return source if isinstance(source, Path) else Path("the input")
