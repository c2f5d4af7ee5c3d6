"""A worksheet of an Excel workbook as columns for training: each cell as the text that a CSV has of it.

A cell that shows an error, or holds a formula without a value, stops the training: it is no blank. What the texts
mean is table's.
"""

from array import array
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from churn.errors import TableError
from churn.model.spelling import is_blank
from churn.tables.csv_header import rate_rows
from churn.tables.detection import describe_workbook
from churn.training.columns import NumberText, Texts, gather_columns
from churn.workbooks.cells import CellError, spell_cell
from churn.workbooks.reader import Worksheet, read_workbook
from churn.workbooks.rows import SheetRow


class SheetColumns(NamedTuple):
    """The names in the header, its row, the columns, each row's number as Excel shows it, and the form in words."""

    header: list[str]
    header_row: int
    columns: list[Texts]
    rows: "array[int]"
    form: str


def read_worksheet(
    path: Path, *, worksheet: str | None, rate: Callable[[list[str]], int], decimal_mark: str = "."
) -> SheetColumns:
    """The columns of a worksheet, the first one unless it is named; its header is the row that is rated highest.

    Numbers are spelled with `decimal_mark`, which is that of the texts among them.

    Raises TableError for a workbook that can't be read, a sheet that is not there, a row that is wider than the
    header and a cell without a value.
    """
    with read_workbook(path, worksheet=worksheet) as sheet:
        rated = list(rate_rows(_filled_rows(sheet), lambda row: rate(_spell_cells(row))))
        if not rated:
            raise TableError(path, f"its worksheet {sheet.name!r} is empty; it needs a header row")
        ratings = [rating for rating, _ in rated]
        title_rows = ratings.index(max(ratings))
        header = rated[title_rows][1]
        names = _spell_cells(header)
        numbers = array("q")
        columns = gather_columns(
            _table_rows(path, sheet, header.number, names, numbers, decimal_mark), width=len(names)
        )
        sheet.check_merged(header.number)
        form = describe_workbook(sheet.name, header_row=header.number, title_rows=title_rows)
    return SheetColumns(names, header.number, columns, numbers, form)


def _filled_rows(sheet: Worksheet) -> Iterator[SheetRow]:
    return (row for row in sheet.rows() if not all(map(is_blank, row.cells)))


def _spell_cells(row: SheetRow, decimal_mark: str = ".") -> list[str]:
    return [_spell_number(cell, decimal_mark) if isinstance(cell, float) else spell_cell(cell) for cell in row.cells]


def _spell_number(cell: float, decimal_mark: str) -> str:
    return NumberText(spell_cell(cell).replace(".", decimal_mark))


def _table_rows(
    path: Path, sheet: Worksheet, header_row: int, names: list[str], numbers: "array[int]", decimal_mark: str
) -> Iterator[list[str]]:
    """The texts of each row below the header; puts the rows' numbers into `numbers`."""
    for row in _filled_rows(sheet):
        if row.number <= header_row:
            continue
        for name, cell in zip(names, row.cells, strict=False):
            if isinstance(cell, CellError):
                here = f"{name!r} is {cell.code} here ({cell.problem})"
                raise TableError(path, f"{here}; mend the cell, or leave it empty", row=row.number)
        cells = _spell_cells(row, decimal_mark)
        if any(cells[len(names) :]):
            reason = f"has {len(cells)} cells where the header has {len(names)}"
            raise TableError(path, reason, row=row.number)
        numbers.append(row.number)
        yield cells[: len(names)] + [""] * (len(names) - len(cells))
